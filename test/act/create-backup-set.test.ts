import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createBackupSet } from '../../src/act/create-backup-set.ts'
import { registerSecret } from '../../src/base/log.ts'
import { proveSet } from '../../src/act/verify-backup-set.ts'
import type { BackupPolicy, Desired } from '../../src/domain/model.ts'
import type { Item } from '../../src/domain/words.ts'
import { summarise } from '../../src/sets/catalogue.ts'
import { desiredState, location, policy } from '../support/desired.ts'
import { failure, fakeWorld, runOf, type FakeWorld } from '../support/fake-drivers.ts'
import { runSet, setsOn } from './run-set.ts'

const signal = new AbortController().signal
const locations: Item = { kind: 'location-information', subject: 'contoso' }

let world: FakeWorld
beforeEach(async () => {
  world = await fakeWorld()
  world.cmdlets['export-location-information'] = ['the locations']
})
afterEach(() => world[Symbol.asyncDispose]())

function verifying(onCreate: BackupPolicy['verification']['onCreate']): Desired {
  return desiredState({
    policies: [policy('nightly', { verification: { onCreate, everyDays: null, restoreTest: null } })],
  })
}

describe('a run', () => {
  test('tells its folder before anything is in it, and ends as its set did', async () => {
    const ending = await createBackupSet.run(runOf([locations]), world.tools(), signal)
    const [set] = await setsOn(world)
    expect(ending).toEqual({ outcome: 'done', message: null, set: set?.id })
    expect(world.noted).toEqual([set?.id])
  })

  test('says of each bad item why, with its code, and how many', async () => {
    const items: Item[] = [
      locations,
      ...['p1', 'p2'].map((name): Item => ({ kind: 'user-data', subject: `${name}.contoso.com` })),
    ]
    world.cmdlets['export-user-data'] = ['']
    const { message } = await createBackupSet.run(runOf(items), world.tools(), signal)
    expect(message).toMatch(
      /^2 of 3 items are not ok: user-data of p1\.contoso\.com \(failed: .* \[export-empty\]\); user-data of p2\.contoso\.com \(failed: .* \[export-empty\]\)$/,
    )
    const one = await createBackupSet.run(runOf(items.slice(0, 2)), world.tools(), signal)
    expect(one.message).toMatch(/^1 of 2 items is not ok: .*\[export-empty\]\)$/)
  })

  test('fault A19: what is taken while its data live on what is lost is suspect, whenever in its run that was seen', async () => {
    for (const answers of [['se01 is flagged.'], [null, 'se01 is flagged.']]) {
      const tools = {
        ...world.tools(),
        lost: () => (answers.length > 1 ? (answers.shift() ?? null) : (answers[0] ?? null)),
      }
      const { outcome, message } = await createBackupSet.run(runOf([locations]), tools, signal)
      expect(outcome).toBe('partial')
      expect(message).toMatch(/\(suspect: se01 is flagged\. \[flagged\]\)$/)
    }
    const known = summarise(await setsOn(world))
    expect(known.map(({ ok, state }) => [ok.length, state])).toEqual([
      [0, 'partial'],
      [0, 'partial'],
    ])
  })

  test('that goes badly wrong tells ten items, and a bounded part of what each says', async () => {
    const items = Array.from({ length: 12 }, (_, n): Item => ({ kind: 'user-data', subject: `p${n}.contoso.com` }))
    world.cmdlets['export-user-data'] = [failure('shell-call-failed', `It went wrong: ${'x'.repeat(5000)}`)]
    const { message } = await createBackupSet.run(runOf(items), world.tools(), signal)
    expect(message).toMatch(/^12 of 12 items are not ok: .* \[shell-call-failed\]\); and 2 more$/)
    expect(message?.length).toBeLessThan(4000)
    const [set] = await setsOn(world)
    expect(set?.items.map((item) => item.message?.length)).toEqual(items.map(() => 1000))
  })

  test('writes no secret into the record of its set', async () => {
    registerSecret('Pa55w0rd-of-the-export')
    world.cmdlets['export-location-information'] = [
      failure('shell-call-failed', 'The login with Pa55w0rd-of-the-export\r\nwas refused.'),
    ]
    const { message } = await createBackupSet.run(runOf([locations]), world.tools(), signal)
    const [set] = await setsOn(world)
    expect(set?.items).toMatchObject([{ code: 'shell-call-failed', message: 'The login with [secret] was refused.' }])
    expect(await readFile(join(set!.path, 'backup-set.json'), 'utf8')).not.toContain('Pa55w0rd')
    expect(message).not.toContain('Pa55w0rd')
  })

  test('that is stopped while its complete set is read again leaves the set as it is', async () => {
    const stop = new AbortController()
    const tools = world.tools(verifying('checksum'))
    const ending = await createBackupSet.run(
      runOf([locations]),
      {
        ...tools,
        progress: ({ kind }) => {
          if (kind === 'set-ended') stop.abort(new Error('stopped'))
        },
      },
      stop.signal,
    )
    expect(ending).toMatchObject({
      outcome: 'done',
      message: expect.stringContaining('not verified at level checksum'),
    })
    const [set] = await setsOn(world)
    expect(set?.state).toBe('complete')
    expect(world.proofs).toEqual([])
  })

  test('that is stopped before its commit record is interrupted', async () => {
    const stop = new AbortController()
    stop.abort(new Error('stopped'))
    expect(await createBackupSet.run(runOf([locations]), world.tools(), stop.signal)).toMatchObject({
      outcome: 'interrupted',
    })
    expect(await setsOn(world)).toMatchObject([{ state: 'interrupted' }])
  })

  test('is refused before anything is written when there is too little room', async () => {
    const full = { ...location(), minimumFree: Number.MAX_SAFE_INTEGER }
    const desired = desiredState({ locations: [full], policies: [policy('nightly', { location: full })] })
    await expect(createBackupSet.run(runOf([locations]), world.tools(desired), signal)).rejects.toMatchObject({
      code: 'location-full',
    })
    expect(await setsOn(world)).toEqual([])
  })

  test('never claims an empty share in the place of one that held sets', async () => {
    world.known.push(await runSet(world, [locations]))
    await rename(world.share, `${world.share}.unmounted`)
    await mkdir(world.share)
    await expect(createBackupSet.run(runOf([locations]), world.tools(), signal)).rejects.toMatchObject({
      code: 'location-unclaimed',
    })
    expect(await readdir(world.share)).toEqual([])
  })
})

describe('after a crash, the intent', () => {
  const resolve = (set: string | null) => createBackupSet.resolve(runOf([locations]), set, world.tools())

  test('of a set with a commit record is done', async () => {
    const set = await runSet(world, [locations])
    world.known.push(set)
    expect(await resolve(set.id)).toEqual({ outcome: 'done', message: null, set: set.id })
  })

  test('of a folder without one, of a folder that was never made, and without a folder, is interrupted', async () => {
    const set = await runSet(world, [locations])
    await rm(join(set.path, 'tagmanifest-sha256.txt'))
    world.known.splice(0, Infinity, ...(await setsOn(world)))
    for (const id of [set.id, 'nightly/20260729T030000Z-aaaa', null])
      expect(await resolve(id)).toMatchObject({ outcome: 'interrupted', set: id })
  })
})

describe('a verification', () => {
  test('finds damage, and keeps it', async () => {
    const set = await runSet(world, [locations])
    await writeFile(join(set.path, set.items[0]!.path), 'other bytes')
    expect(await proveSet(set, 'checksum', world.tools(), signal)).toMatchObject({
      outcome: 'done',
      problems: [{}, {}],
    })
    expect(world.proofs).toEqual([{ set: set.id, level: 'checksum', outcome: 'damaged' }])
  })

  test('calls no set damaged because its share is gone, another one, or an empty mount point', async () => {
    const set = await runSet(world, [locations])
    await rename(world.share, `${world.share}.gone`)
    await expect(proveSet(set, 'checksum', world.tools(), signal)).rejects.toMatchObject({
      code: 'location-unreachable',
    })
    await mkdir(world.share)
    await expect(proveSet(set, 'checksum', world.tools(), signal)).rejects.toMatchObject({ code: 'location-unclaimed' })
    expect(world.proofs).toEqual([])
  })

  test('calls no set damaged that somebody deleted', async () => {
    const set = await runSet(world, [locations])
    await rm(set.path, { recursive: true })
    await expect(proveSet(set, 'structure', world.tools(), signal)).rejects.toMatchObject({ code: 'set-unknown' })
    expect(world.proofs).toEqual([])
  })
})
