import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { sha256sumCheck, startCli, startLab } from '../support/lab.ts'
import type { SetsJson } from '../support/shapes.ts'

// From before the first pass to after the last commit record of a run that takes some three seconds.
const moments = [350, 600, 800, 950, 1100, 1300, 1600, 2000]

test('killed at any moment, the next start converges: one complete set a policy, no half set taken for whole', async () => {
  await using lab = await startLab()

  for (const milliseconds of moments) {
    const victim = startCli('run', '--once', '--config', lab.config)
    const exited = once(victim, 'exit')
    await pause(milliseconds)
    victim.kill('SIGKILL')
    await exited
    expect(await lab.json('audit', 'verify')).toMatchObject({ json: { ok: true } })
  }
  const last = await lab.json('run', '--once')

  expect(last.code, last.err).toBe(0)
  const { json } = await lab.json<SetsJson>('sets')
  for (const policy of ['nightly', 'file-stores']) {
    const states = json.sets.filter((set) => set.policy === policy).map(({ state }) => state)
    expect(states.filter((state) => state === 'complete')).toHaveLength(1)
    expect(states.filter((state) => state !== 'complete' && state !== 'interrupted')).toEqual([])
  }
  for (const set of json.sets.filter(({ state }) => state === 'complete'))
    expect(await sha256sumCheck(set.path, 'manifest-sha256.txt')).toMatchObject({ code: 0 })
  expect(await lab.json('run', '--once')).toMatchObject({ code: 0, json: { actions: [] } })
}, 120_000)
