import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { systemRandom } from '../../src/base/random.ts'
import type { Check, CheckResult } from '../../src/doctor/check.ts'
import { locationChecks } from '../../src/doctor/checks/location.ts'
import { smbChecks } from '../../src/doctor/checks/ports.ts'
import { runChecks } from '../../src/doctor/run-checks.ts'
import type { Surroundings } from '../../src/doctor/surroundings.ts'
import { desiredState, fileStore, location } from '../support/desired.ts'
import { nothing, those } from './lab.ts'

const run = (checks: readonly Check[]): Promise<CheckResult[]> =>
  runChecks(checks, systemClock, new AbortController().signal)
const copies = [{ share: '\\\\offsite.contoso.com\\Copies' }, { share: '\\\\vault.contoso.com\\Copies' }]

test.each(['fs01.contoso.com', 'backup01.contoso.com', 'offsite.contoso.com'])(
  'file sharing: only the check of %s fails when only its port is closed',
  async (closed) => {
    const desired = desiredState({
      fileStores: [fileStore('\\\\fs01.contoso.com\\LyncShare'), fileStore('\\\\FS01.contoso.com\\Other')],
      locations: [location('backup01', { share: '\\\\backup01.contoso.com\\LyncBackup', copies })],
    })
    const asked: number[] = []
    const accepts = (host: string, port: number): Promise<boolean> => {
      asked.push(port)
      return Promise.resolve(host !== closed)
    }
    const results = await run(smbChecks(desired, nothing, { network: { accepts } as never }).all)
    expect(results.map(({ subject }) => subject).sort()).toEqual([
      'backup01.contoso.com',
      'fs01.contoso.com',
      'offsite.contoso.com',
      'vault.contoso.com',
    ])
    expect(those(results, 'failed')).toEqual([`smb ${closed}`])
    expect(results.find(({ outcome }) => outcome === 'failed')).toMatchObject({
      message: expect.stringMatching(/\[port-closed\]$/) as string,
      remedy: expect.stringContaining(`Test-NetConnection ${closed} -Port 445`) as string,
    })
    expect(new Set(asked)).toEqual(new Set([445]))
  },
)

test('copies: only the check of the one that is gone fails', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-copies-'))
  for (const name of ['backup01', 'offsite']) mkdirSync(join(folder, name))
  const drivers = {
    clock: systemClock,
    random: systemRandom,
    localPath: (unc: string) => join(folder, unc.slice(2).split('.')[0] ?? ''),
  }
  const surroundings = {
    drivers,
    config: { owner: 'us' },
    remembered: { applied: null, knows: () => false, problem: null },
  } as unknown as Surroundings
  const results = await run(locationChecks(desiredState(), location('backup01', { copies }), nothing, surroundings).all)
  rmSync(folder, { recursive: true })
  expect(those(results, 'failed')).toEqual([`copy ${copies[1]!.share}`])
  expect(those(results, 'skipped')).toEqual([])
  expect(results.find(({ outcome }) => outcome === 'failed')?.message).toMatch(/\[location-unreachable\]$/)
})
