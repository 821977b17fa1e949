import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { readConfig, type Config } from '../../src/config/config.ts'
import { startLab, type RunningLab } from '../../src/lab/lab.ts'
import { openStore } from '../../src/store/store.ts'
import type { SetsJson } from '../support/shapes.ts'
import { holdfast } from '../support/terminal.ts'

// Fault S19: a thousand requests made a thousand sets.

let dir: string
let lab: RunningLab
let config: Config

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'holdfast-attack-'))
  lab = await startLab(join(dir, 'lab'), join(import.meta.dirname, '..', '..', 'desired-state'))
  config = await readConfig(lab.config)
})
afterAll(async () => {
  await lab[Symbol.asyncDispose]()
  await rm(dir, { recursive: true })
})

const command = (...argv: string[]) => holdfast(dir, ...argv, '--config', lab.config, '--output', 'json')

test('they share one set, and one more than that is refused', async () => {
  const asked: string[] = []
  {
    using store = openStore(config.state, 'act', systemClock)
    for (let count = 0; count < 1000; count++) asked.push(store.requests.ask({ backup: 'file-stores' }, 'alex').id)
  }
  expect(await command('backup', 'file-stores')).toMatchObject({
    code: 4,
    err: expect.stringContaining('too-many-requests') as string,
  })

  {
    using store = openStore(config.state, 'act', systemClock)
    store.requests.refuse(asked.pop() ?? '', { message: 'Makes room for one.' })
  }
  expect(await command('backup', 'file-stores')).toMatchObject({ code: 0, err: '' })

  const { sets } = (await command('sets')).json() as SetsJson
  expect(sets.map(({ state, cause }) => `${state} ${cause}`)).toEqual(['complete manual'])
  using store = openStore(config.state, 'read', systemClock)
  const answers = asked.map((id) => store.requests.find(id)?.answer)
  expect(answers.filter((one) => one?.outcome !== 'done' || one.set !== sets[0]?.id)).toEqual([])
  expect(store.requests.waiting()).toEqual([])
})
