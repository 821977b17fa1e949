import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { createLog } from '../../src/base/log.ts'
import { systemRandom } from '../../src/base/random.ts'
import { readConfig, type Config } from '../../src/config/config.ts'
import { checksOf, type CheckResult, type ChecksByHost } from '../../src/doctor/check.ts'
import { examine } from '../../src/doctor/examine.ts'
import type { Surroundings } from '../../src/doctor/surroundings.ts'
import { openDrivers } from '../../src/drivers/drivers.ts'
import { change, startLab, type RunningLab } from '../../src/lab/lab.ts'
import { smallDeployment } from '../support/desired-files.ts'

/** One Standard Edition pool, a mirrored archive, a monitoring store, restore tests: something of every kind of check. */
const deployment = `${smallDeployment
  .replace(
    'userStore: se01-rtc,',
    'userStore: se01-rtc, applications: [response-group, call-park], archiving: sql03-archive, monitoring: sql05,',
  )
  .replace(
    'spec: { location: backup01,',
    "spec: { location: backup01, verification: { restoreTest: { sqlStore: sqltest, folder: 'D:\\\\Restore' } },",
  )}---
apiVersion: holdfast/v1
kind: SqlStore
metadata: { name: sqltest }
spec: { host: sqltest.contoso.com }
---
apiVersion: holdfast/v1
kind: SqlStore
metadata: { name: sql05 }
spec: { host: sql05.contoso.com }
---
apiVersion: holdfast/v1
kind: SqlStore
metadata: { name: sql03-archive }
spec: { host: sql03.contoso.com, instance: archive, highAvailability: { mirror: { partner: sql13.contoso.com } } }
`

export interface Ward extends AsyncDisposable {
  lab: RunningLab
  break(kind: string, subject: string, detail?: string): Promise<void>
  repair(kind: string, subject: string): Promise<void>
  /** All results but the one that is left out on purpose, which test/cli/doctor has. */
  examine(more?: Partial<Omit<Surroundings, 'config'>> & { config?: Partial<Config> }): Promise<CheckResult[]>
}

/** A lab in this process, and the doctor for it. */
export async function openWard(): Promise<Ward> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-ward-'))
  const tree = join(folder, 'tree')
  mkdirSync(tree)
  writeFileSync(join(tree, 'contoso.yaml'), deployment)
  const lab = await startLab(join(folder, 'lab'), tree)
  const { directory } = lab.paths
  return {
    lab,
    break: (kind, subject, detail) => change(directory, 'break', { kind, subject, detail: detail ?? null }),
    repair: (kind, subject) => change(directory, 'repair', { kind, subject, detail: null }),
    async examine({ config: other, ...more } = {}) {
      const config = { ...(await readConfig(lab.config)), ...other }
      await using drivers = openDrivers(config, systemClock, systemRandom)
      const results = await examine(
        {
          config,
          drivers,
          machine: { node: '24.1.0', git: () => Promise.resolve('git version 2.39.5') },
          remembered: { applied: null, knows: () => false, written: null, problem: null },
          log: createLog({ write: () => {} }, 'error'),
          ...more,
        },
        new AbortController().signal,
      )
      return results.filter(({ name }) => name !== 'sql-restore-rights')
    },
    async [Symbol.asyncDispose]() {
      await lab[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** For checks that are to stand on nothing. */
export const nothing: ChecksByHost = checksOf([])

/** `name subject` of the checks with that outcome, in order. */
export function those(results: readonly CheckResult[], outcome: CheckResult['outcome']): string[] {
  return results.filter((one) => one.outcome === outcome).map(({ name, subject }) => `${name} ${subject}`)
}
