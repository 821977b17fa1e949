/**
 * Fault B7: for most errors of a network Node on Windows has one code and no number, `UNKNOWN`: a server that is off, a share
 * that is not there, a refused login. None of them is taken for another, and one odd file is not taken for the whole share.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { foldSubject } from '../../src/domain/subject.ts'
import type { Item } from '../../src/domain/words.ts'
import { windowsError } from '../../src/drivers/files/windows-error.ts'
import { classify } from '../../src/plan/health/classes.ts'
import { runSet, whyOf } from '../act/run-set.ts'
import { checkSet } from '../../src/sets/check.ts'
import { bench, memoryCache } from '../observed/bench.ts'
import { engine } from '../shell/engine.ts'
import { copyTree } from '../support/copied-tree.ts'
import { desiredState, fileStore, location, pool } from '../support/desired.ts'
import { lackingEngine, powershell } from '../support/engines.ts'
import { fakeWorld, type FakeWorld } from '../support/fake-drivers.ts'
import { faultyFiles } from '../support/faulty-files.ts'
import { memory, seen } from '../support/observed.ts'
import { putFile } from '../support/put-file.ts'
import { makeSet, makeWorld } from '../sets/world.ts'
import { backupSet } from '../store/samples.ts'

const never = new AbortController().signal
const path = '\\\\fs01.contoso.com\\LyncShare'
let windows: string
beforeAll(() => void (windows = mkdtempSync(join(tmpdir(), 'holdfast-windows-'))))
afterAll(() => rmSync(windows, { recursive: true }))
afterEach(() => void vi.unstubAllEnvs())

/** A Windows PowerShell for which listing the folder ends with that error; any other folder is listed. */
function powerShell(folder: string, error: number): void {
  const program = join(windows, 'System32', 'WindowsPowerShell', 'v1.0', 'powershell.exe')
  mkdirSync(dirname(program), { recursive: true })
  writeFileSync(program, `#!/bin/sh\n[ "$HOLDFAST_FOLDER" = '${folder}' ] && exit ${error}\nexit 0\n`, { mode: 0o755 })
  vi.stubEnv('SystemRoot', windows)
}

describe('a file store whose share Node cannot list, and SMB answers', () => {
  const server = 'fs01.contoso.com'
  const desired = desiredState({
    ...{ locations: [], policies: [], sqlStores: [] },
    fileStores: [fileStore(path)],
    pools: [pool(server, 'front-end', { servers: [server] })],
  })

  async function look(error: number | null, isListedAgain = false) {
    const { observer, share } = bench()
    const root = share(path)
    if (error !== null) powerShell(root, error)
    else vi.stubEnv('SystemRoot', '')
    observer.follow(desired)
    let looks = 0
    using _faults = faultyFiles((call, file) =>
      call === 'readdir' && file === root && !(isListedAgain && looks++ > 0) ? 'UNKNOWN' : null,
    )
    await observer.look([path])
    const fact = observer.snapshot().facts.fileStore.get(path)
    if (fact?.known !== false) throw new Error('it was listed')
    const ports = new Map([[server, seen(server, { open: [445], closed: [] }, fact.at)]])
    const observed = { facts: { ...observer.snapshot().facts, ports }, sets: [] }
    const verdict = classify(desired, observed, memory(), fact.at).fileStores.get(foldSubject(path))
    return { code: fact.code, error: fact.error.replace(root, 'it'), class: verdict?.class }
  }

  test('is absent where Windows says that there is no such share', async () => {
    const error = 'Looking at it failed (UNKNOWN, Windows error 67).'
    expect(await look(67)).toEqual({ code: 'file-gone', error, class: 'absent' })
  })

  test.each([
    ['its server is not found', 53],
    ['the connection broke', 59],
    ['access over the network is denied', 65],
    ['the share has as many users as it takes', 71],
    ['the login is refused', 1326 & 0xff], // an exit code has eight bits here
    ['PowerShell did not run', 255],
  ])('is unreachable where it says: %s', async (_, number) => {
    const error = `Looking at it failed (UNKNOWN, Windows error ${number}).`
    expect(await look(number)).toEqual({ code: 'share-unreachable', error, class: 'unreachable' })
  })

  test('is unreachable where it cannot be asked', async () => {
    const error = 'Looking at it failed (UNKNOWN).'
    expect(await look(null)).toEqual({ code: 'share-unreachable', error, class: 'unreachable' })
  })

  test.each([
    ['Windows lists it', 0, false],
    ['Node lists it', 67, true],
  ])('is not absent where %s a moment later', async (_, number, isListedAgain) => {
    expect(await look(number, isListedAgain)).toMatchObject({ code: 'file-failed', class: 'unreachable' })
  })
})

if (engine === null) test.skip(`the number of the error: ${lackingEngine(powershell)}`, () => {})
else
  test.each([
    ['a folder that is there', '.', 0],
    ['one that is not there', 'not there', 3],
    ['a name that would be a command', "'; exit 67; '", 3],
  ])(`the number of the error, from ${powershell.name}: %s`, async (_, name, expected) => {
    expect(await windowsError(join(windows, name), systemClock, never, engine)).toBe(expected)
  })

describe('in the middle of a copy', () => {
  const store: Item = { kind: 'file-store', subject: path }
  const files = ['1-WebServices-1/DataConf/a.xml', '1-WebServices-1/Lis/b.xml']
  let world: FakeWorld
  let root: string
  beforeEach(async () => {
    world = await fakeWorld()
    root = join(world.sources, 'fs01.contoso.com', 'lyncshare')
    for (const name of files) await putFile(root, name)
  })
  afterEach(() => world[Symbol.asyncDispose]())

  test('a folder that alone cannot be listed is named, and the rest is kept', async () => {
    using _faults = faultyFiles((call, file) => (call === 'readdir' && file.endsWith('DataConf') ? 'UNKNOWN' : null))
    const set = await runSet(world, [store])
    expect(set).toMatchObject({ state: 'partial', items: [{ outcome: 'suspect', doubt: 'incomplete' }] })
    expect(whyOf(set)).toContain('1-WebServices-1/DataConf')
  })

  test('a share that is lost ends it: what is missing is no gap of the store', async () => {
    let lost = false
    using _faults = faultyFiles((call, file) => {
      lost ||= call === 'readdir' && file.endsWith('DataConf')
      return lost && file.startsWith(root) ? 'UNKNOWN' : null
    })
    const options = { skip: () => null, escape: (names: readonly unknown[]) => names.map(String), signal: never }
    const copy = copyTree(root, join(world.share, 'target'), options)
    await expect(copy).rejects.toMatchObject({ code: 'share-unreachable' })
  })
})

describe('in the middle of a look at a backup location', () => {
  const { share } = location()
  const desired = desiredState({ pools: [] })
  const folder = '20260728T020000Z-abcd'

  async function look(rule: (root: string, file: string) => boolean) {
    const known = backupSet(`nightly/${folder}`, { location: 'main' })
    const { observer, share: make } = bench(null, memoryCache(known))
    const root = make(share)
    mkdirSync(join(root, 'nightly', folder), { recursive: true })
    const identity = { format: 'holdfast/location/v1', id: 'l1', deployment: 'contoso', owner: 'owner-1' }
    writeFileSync(
      join(root, 'holdfast-location.json'),
      JSON.stringify({ ...identity, claimedAt: '2026-07-01T00:00:00.000Z' }),
    )
    observer.follow(desired)
    using _faults = faultyFiles((_, file) => (rule(root, file) ? 'UNKNOWN' : null))
    await observer.look(['main'])
    return observer.snapshot()
  }

  test('a folder that alone cannot be listed is odd, and the location is seen', async () => {
    const { facts, sets } = await look((root, file) => file === join(root, 'nightly'))
    const odd = [{ path: `${share}\\nightly`, what: 'cannot be listed (UNKNOWN)' }]
    expect(facts.location.get('main')).toMatchObject({ known: true, value: { odd } })
    expect(sets).toHaveLength(1)
  })

  test('a share that is lost is unreachable, and its sets are as they were', async () => {
    let lost = false
    const { facts, sets } = await look((root, file) => {
      lost ||= file === join(root, 'nightly')
      return lost && file.startsWith(root)
    })
    expect(facts.location.get('main')).toMatchObject({ known: false, code: 'location-unreachable' })
    expect(sets).toHaveLength(1)
  })
})

describe('in the middle of a check of a set', () => {
  test.each([
    ['UNKNOWN', 'file-failed'],
    ['ECONNRESET', 'share-unreachable'],
  ])('%s proves no damage: the check has failed, and the next one finds all well', async (system, code) => {
    const world = await makeWorld()
    const set = await makeSet(world)
    for (const name of ['tagmanifest-sha256.txt', '/manifest-sha256.txt', 'backup-set.json']) {
      using _faults = faultyFiles((call, file) => (call === 'open' && file.endsWith(name) ? system : null))
      await expect(checkSet(set, 'checksum', never)).rejects.toMatchObject({ code })
    }
    expect(await checkSet(set, 'checksum', never)).toEqual({ problems: [], damaged: [] })
  })
})
