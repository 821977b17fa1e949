import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { Problem } from '../../src/base/problem.ts'
import { readFolder } from '../../src/desired/folder.ts'
import { load } from '../../src/desired/load.ts'
import { loadApart } from '../../src/desired/load-apart.ts'
import { smallDeployment } from '../support/desired-files.ts'
import { writeLargeDeployment } from '../support/large-deployment.ts'
import { TestClock } from '../support/test-clock.ts'

const { signal } = new AbortController()
const world = { clock: systemClock, signal }
const files = [{ path: 'a.yaml', text: smallDeployment }]

test('says the same as on this thread, of what is valid and of what is not', async () => {
  const broken = [{ path: 'a.yaml', text: smallDeployment.replace('location: backup01', 'location: backup02') }]
  for (const some of [files, broken])
    expect(await loadApart('r', () => Promise.resolve(some), world)).toEqual(load('r', some))
})

test('20 sites with 1,000 servers are far below every limit', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'holdfast-large-'))
  writeLargeDeployment(folder.path, 20)

  const loaded = await loadApart('r', () => readFolder(folder.path), world)

  expect(loaded).toMatchObject({ ok: true, desired: { pools: { length: 100 } } })
})

test('is ended when its time is over, and says so as a fault of the revision', async () => {
  const clock = new TestClock('2026-11-21T00:00:00.000Z')
  const loading = loadApart('r', () => Promise.resolve(files), { clock, signal })
  await setImmediate() // the thread has not even begun
  await clock.advance(31)

  expect(await loading).toMatchObject({ ok: false, errors: [{ code: 'desired-state-too-slow', file: 'a.yaml' }] })
})

test('ends with the signal, and with what the reading throws', async () => {
  const stopped = new Problem('interrupted', { message: 'Stopped.' })
  const gone = new Problem('file-gone', { message: 'It is gone.' })
  await expect(loadApart('r', () => Promise.reject(gone), world)).rejects.toBe(gone)
  const never = { clock: systemClock, signal: AbortSignal.abort(stopped) }
  await expect(loadApart('r', () => Promise.resolve(files), never)).rejects.toBe(stopped)
})
