import { mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { readConfig, type Config } from '../../src/config/config.ts'
import { startLab, type RunningLab } from '../../src/lab/lab.ts'
import { openStore } from '../../src/store/store.ts'
import { publishedShapes } from '../../src/views/published.ts'
import { holdfast, onScreen } from '../support/terminal.ts'
import type { SetsJson } from '../support/shapes.ts'

let dir: string
let lab: RunningLab
let config: Config

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'holdfast-ask-'))
  lab = await startLab(join(dir, 'lab'), join(import.meta.dirname, '..', '..', 'desired-state'))
  config = await readConfig(lab.config)
})
afterAll(async () => {
  await lab[Symbol.asyncDispose]()
  await rm(dir, { recursive: true })
})

const command = (...argv: string[]) => holdfast(dir, ...argv, '--config', lab.config, '--output', 'json')

function waiting(): number {
  using store = openStore(config.state, 'read', systemClock)
  return store.requests.waiting().length
}

test('two commands at the same time without a daemon: both are served, by one run where it had not begun', async () => {
  const both = await Promise.all([1, 2].map(() => command('backup', 'file-stores', '--wait')))
  expect(both.map(({ code, err }) => [code, err])).toEqual([
    [0, ''],
    [0, ''],
  ])
  const { sets } = (await command('sets')).json() as SetsJson
  expect([1, 2]).toContain(sets.length)
  for (const set of sets) expect(set).toMatchObject({ state: 'complete', cause: 'manual' })
  expect(waiting()).toBe(0)
})

test('a request that nobody served before does not stand in the way of a new one: both are served', async () => {
  {
    using store = openStore(config.state, 'act', systemClock)
    store.requests.ask({ backup: 'file-stores' }, 'alex')
  }
  expect(await command('backup', 'file-stores')).toMatchObject({ code: 0, err: '' })
  expect(waiting()).toBe(0)
})

test('on a terminal, too, the reason of a failure is still there in the end, with its code', async () => {
  const store = config.pathMap.find(({ unc }) => /fs01/i.test(unc))?.local ?? ''
  await rename(store, `${store}.gone`)
  const { code, lines } = await onScreen(dir, 'backup', 'file-stores', '--config', lab.config)
  await rename(`${store}.gone`, store)
  const text = lines.join('\n').replaceAll(/\s+/g, ' ')
  expect(code).toBe(3)
  expect(text).toMatch(/ is partial: .* failed: file-store of \\\\fs01\.contoso\.com\\LyncShare .* \[file-[a-z-]+\] $/)
})

test('the journal names author and subject of the commit, and why each bad item of a run failed', async () => {
  const entriesOf = async (type: string): Promise<string[]> => {
    const { entries } = publishedShapes['audit-list'].parse((await command('audit', 'list', '--type', type)).json())
    return entries.map(({ message }) => message)
  }
  expect(await entriesOf('revision-applied')).toEqual([
    expect.stringMatching(/^[0-9a-f]{12} "\S.*" by \S.*, \d+ subjects$/),
  ])
  expect((await entriesOf('action-partial')).join()).toMatch(/file-store of .* \(failed: .* \[file-[a-z-]+\]\)/)
})

test('what was refused because the share is gone is not started later', async () => {
  const share = config.pathMap.find(({ unc }) => /backup/i.test(unc))?.local ?? ''
  await rename(share, `${share}.gone`)
  const asked = await command('backup', 'file-stores')
  await rename(`${share}.gone`, share)
  expect(asked.code).toBe(4)
  expect(asked.err).toContain('location-unreachable')
  expect(waiting()).toBe(0)
})

test('a location that does not exist is an invalid word, not a refusal', async () => {
  expect(await command('take-over', 'elsewhere')).toMatchObject({ code: 2 })
  expect(waiting()).toBe(0)
})

test('no password of the configuration stands in the state store, a set, or the journal', async () => {
  expect((await command('run', '--once')).code).toBe(0)
  const secrets = passwords()
  expect(secrets.length).toBeGreaterThan(0)
  const share = config.pathMap.find(({ unc }) => /backup/i.test(unc))?.local ?? ''
  const files = (await readdir(share, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  const paths = files.map(({ parentPath, name }) => join(parentPath, name))
  for (const path of [...paths, config.state, `${config.state}-wal`]) {
    const content = await readFile(path).catch(() => Buffer.alloc(0))
    for (const secret of secrets) expect(content.includes(secret), path).toBe(false)
  }
})

function passwords(): string[] {
  const settings = [...Object.values(config.hosts).map(({ sql }) => sql), config.sql]
  return settings.flatMap((sql) =>
    sql && 'password' in sql.authentication && sql.authentication.password !== '' ? [sql.authentication.password] : [],
  )
}
