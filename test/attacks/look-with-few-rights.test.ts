/** Faults C1, C2: the sample under the rights that the how-to asks for, and no more: all is well, and all is backed up. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { createLog } from '../../src/base/log.ts'
import { systemRandom } from '../../src/base/random.ts'
import { readConfig } from '../../src/config/config.ts'
import { examine } from '../../src/doctor/examine.ts'
import { thisMachine } from '../../src/doctor/machine.ts'
import type { Snapshot } from '../../src/domain/plan.ts'
import { openDrivers } from '../../src/drivers/drivers.ts'
import { startLab } from '../../src/lab/lab.ts'
import { readWorld } from '../../src/lab/world.ts'
import { verdictOf } from '../../src/plan/verdict/verdict.ts'
import { startDaemon } from '../../src/reconcile/daemon.ts'

const signal = new AbortController().signal
const log = createLog({ write: () => {} }, 'silent')

test('the sample deployment', async () => {
  await using stack = new AsyncDisposableStack()
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-few-rights-'))
  stack.defer(() => rm(dir, { recursive: true }))
  const lab = stack.use(await startLab(join(dir, 'lab'), join(import.meta.dirname, '..', '..', 'desired-state')))
  const instances = readWorld(lab.paths).sqlServers.map(({ facts }) => facts)
  expect(instances.flatMap(({ logins }) => logins).some(({ sysadmin }) => sysadmin)).toBe(false)
  expect(
    instances.flatMap(({ databases }) => databases).filter(({ mirroring }) => mirroring?.role === 'MIRROR').length,
  ).toBeGreaterThan(5)
  const config = await readConfig(lab.config)
  const last: { snapshot: Snapshot | null } = { snapshot: null }
  {
    const options = {
      clock: systemClock,
      random: systemRandom,
      log,
      onPass: (turn: { snapshot: Snapshot }) => void (last.snapshot = turn.snapshot),
    }
    await using daemon = await startDaemon(config, options)
    await daemon.untilIdle({ signal })
  }
  const { snapshot } = last
  if (snapshot === null) return expect.unreachable('no pass was made')

  expect([snapshot.plan.findings, snapshot.plan.flags]).toEqual([[], []])
  expect(snapshot.observed.sets.map(({ policy, state }) => `${policy} ${state}`).sort()).toEqual([
    'file-stores complete',
    'nightly complete',
  ])
  const { state, reasons } = verdictOf(snapshot, { running: true, lastPassAt: snapshot.now })
  expect([state, reasons]).toEqual(['ok', []])

  await using drivers = openDrivers(config, systemClock, systemRandom)
  const remembered = { applied: null, knows: () => false, written: null, problem: null }
  const checks = await examine({ config, drivers, machine: thisMachine, remembered, log }, signal)
  expect(checks.filter(({ outcome }) => outcome !== 'ok').map(({ name }) => name)).toEqual(['sql-restore-rights'])
})
