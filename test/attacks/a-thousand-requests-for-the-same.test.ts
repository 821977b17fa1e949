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

/** So many requests that nobody waits for. */
function ask(count: number): string[] {
  using store = openStore(config.state, 'act', systemClock)
  return Array.from({ length: count }, () => store.requests.ask({ backup: 'file-stores' }, 'alex').id)
}

/** The sets that answer these requests, each once. */
function setsFor(asked: readonly string[]): unknown[] {
  using store = openStore(config.state, 'read', systemClock)
  expect(store.requests.waiting()).toEqual([])
  const answers = asked.map((id) => store.requests.find(id)?.answer)
  return [...new Set(answers.map((answer) => (answer?.outcome === 'done' ? answer.set : answer)))]
}

async function madeSets(): Promise<string[]> {
  const { sets } = (await command('sets')).json() as SetsJson
  return sets.map(({ id, state, cause }) => `${id} ${state} ${cause}`)
}

test('three share one set with the one that is waited for', async () => {
  const asked = ask(3)
  const { code, err, json } = await command('backup', 'file-stores')
  expect([code, err]).toEqual([0, ''])
  const { set } = json() as { set: SetsJson['sets'][number] }
  expect(await madeSets()).toEqual([`${set.id} complete manual`])
  expect(setsFor(asked)).toEqual([set.id])
})

test('a thousand share one set, and one more than that is refused', async () => {
  const before = await madeSets()
  const asked = ask(1000)
  expect(await command('backup', 'file-stores')).toMatchObject({
    code: 4,
    err: expect.stringContaining('too-many-requests') as string,
  })

  {
    using store = openStore(config.state, 'act', systemClock)
    store.requests.refuse(asked.pop() ?? '', { message: 'Makes room for one.' })
  }
  const { code, err, json } = await command('backup', 'file-stores')
  expect([code, err]).toEqual([0, ''])
  const { set } = json() as { set: SetsJson['sets'][number] }
  expect(await madeSets()).toEqual([`${set.id} complete manual`, ...before])
  expect(setsFor(asked)).toEqual([set.id])
})
