/** Backup sets on a share of a real SMB server: what the server does to them, and what of it Holdfast sees. */
import { execFileSync } from 'node:child_process'
import { chmod, chown, mkdir, open, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { BackupSet } from '../../src/domain/backup-set.ts'
import { writeDurably } from '../../src/drivers/files/durable.ts'
import { readCatalogue } from '../../src/sets/catalogue.ts'
import { checkSet } from '../../src/sets/check.ts'
import { escapeNames } from '../../src/sets/escape.ts'
import { claimLocation } from '../../src/sets/location.ts'
import { pointTo, readPointer } from '../../src/sets/pointer.ts'
import { startSet } from '../../src/sets/writer.ts'
import { copyTree } from '../support/copied-tree.ts'
import { sha256sumCheck } from '../support/lab.ts'
import { until } from '../support/until.ts'
import { sambaNeeds, startSamba, type Samba } from '../support/samba.ts'
import {
  begin,
  configuration,
  location,
  makeSet,
  makeWorld,
  memoryCache,
  ok,
  put,
  start,
  us,
  userData,
  type World,
} from './world.ts'

const needs = sambaNeeds()
if (needs === null) describe('a set on an SMB share', onShare)
else test.skip(`a set on an SMB share (${needs})`, () => {})

function onShare(): void {
  const signal = new AbortController().signal
  const [config, users] = ['data/configuration/Config.zip', 'data/pools/pool01.contoso.com/user-data.zip']
  let samba: Samba
  let world: World
  beforeAll(async () => void (samba = await startSamba()))
  afterAll(() => samba[Symbol.asyncDispose]())

  let count = 0
  beforeEach(async () => {
    await samba.start()
    const folder = join(samba.mount, `share${++count}`)
    await mkdir(folder)
    world = await makeWorld(folder)
  })
  /** The folder that the server keeps the share in. */
  const behind = (): string => join(samba.served, `share${count}`)

  const states = async (): Promise<BackupSet['state'][]> =>
    (await readCatalogue(location, memoryCache(), new Set(), world.drivers)).sets.map(({ state }) => state)
  const problems = async (set: BackupSet): Promise<unknown[]> => (await checkSet(set, 'checksum', signal)).problems

  test('is written, verified, pointed to and listed, and stands there as a stranger reads it', async () => {
    const first = await makeSet(world)
    await pointTo(location, 'nightly', first, world.drivers)
    world.clock.jump(60)
    const second = await makeSet(world)
    await pointTo(location, 'nightly', second, world.drivers)

    expect(await states()).toEqual(['complete', 'complete'])
    expect([await problems(first), await problems(second)]).toEqual([[], []])
    expect(await readPointer(location, 'nightly', world.drivers)).toBe(second.id)
    expect((await readdir(join(behind(), 'current'))).sort()).toEqual(['nightly.txt'])
    for (const manifest of ['manifest-sha256.txt', 'tagmanifest-sha256.txt'])
      expect(await sha256sumCheck(join(behind(), second.id), manifest)).toEqual({ code: 0, out: '', err: '' })
  })

  test('tells what is left of a failed item by its absence', async () => {
    const set = await begin(world)
    await put(set, `${config}.1`, 'half of it')
    await set.add(ok(configuration, config), [await put(set, config, 'all of it')])
    await set.add(ok(userData, users), [await put(set, users, 'the users')])
    expect(await set.commit()).toMatchObject({ state: 'complete', files: 2 })
    expect(await readdir(join(behind(), set.id, 'data/configuration'))).toEqual(['Config.zip'])
  })

  test('fault 30: a flush means nothing there, so what counts is what another handle reads back', async () => {
    const [flushed, durable] = [join(world.share, 'flushed'), join(world.share, 'durable')]
    {
      await using handle = await open(flushed, 'w')
      await handle.write('acknowledged')
      await handle.sync()
      await expect(readFile(join(behind(), 'flushed'))).rejects.toMatchObject({ code: 'ENOENT' })
    }
    await writeDurably(durable, 'kept')
    expect(await readFile(join(behind(), 'durable'), 'utf8')).toBe('kept')
  })

  test('fault 30: that the server lost after the flush is seen when the set is closed', async () => {
    const set = await begin(world)
    await set.add(ok(configuration, config), [await put(set, config, 'the configuration')])
    await set.add(ok(userData, users), [await put(set, users, 'the users')])
    await writeFile(join(behind(), set.id, users), 'the u')
    const made = await set.commit()
    expect(made.state).toBe('partial')
    expect(made.items.filter(({ outcome }) => outcome !== 'ok')).toMatchObject([
      { ...userData, message: expect.stringContaining('was not kept by the share') as string },
    ])
  })

  test.each(['before an item', 'before the end'])(
    'fault 4: whose server dies %s is interrupted, older ones stay, and the next run makes one',
    async (when) => {
      const older = await makeSet(world)
      world.clock.jump(60)
      const set = await begin(world)
      const first = await put(set, config, 'the configuration')
      await set.add(ok(configuration, config), [first])
      if (when === 'before the end') await set.add(ok(userData, users), [await put(set, users, 'the users')])
      await samba.kill()
      if (when === 'before an item') await expect(put(set, users, 'the users')).rejects.toThrow()
      await expect(set.commit()).rejects.toMatchObject({ code: expect.stringMatching(/^(file|location)-/) as string })
      await expect(states()).rejects.toMatchObject({ code: 'location-unreachable' })

      await samba.start()
      world.clock.jump(60)
      const next = await makeSet(world)
      expect(next.state).toBe('complete')
      expect(await states()).toEqual(['complete', 'interrupted', 'complete'])
      expect(await problems(older)).toEqual([])
    },
  )

  test('fault 30: where the share is read-only is refused, and what stands there can be read', async () => {
    const older = await makeSet(world)
    await samba.start({ 'read only': 'yes' })
    world.clock.jump(60)
    await expect(makeSet(world)).rejects.toMatchObject({ code: 'file-denied' })
    expect(await states()).toEqual(['complete'])
    expect(await problems(older)).toEqual([])
  })

  /** Everybody may make files, which belong to somebody else at once: they can be written and neither renamed nor deleted. */
  const neitherRenameNorDelete = {
    'inherit owner': 'unix only',
    'force create mode': '0666',
    'force directory mode': '1777',
  }

  test('fault 29: where nothing may be renamed or deleted is refused by name; the older one and its pointer stay', async () => {
    const older = await makeSet(world)
    await pointTo(location, 'nightly', older, world.drivers)
    await samba.start(neitherRenameNorDelete)
    for (const folder of ['nightly', 'current']) {
      await chown(join(behind(), folder), 0, 0)
      await chmod(join(behind(), folder), 0o1777)
    }
    await chown(join(behind(), 'current/nightly.txt'), 0, 0)
    world.clock.jump(60)
    await expect(makeSet(world)).rejects.toMatchObject({ code: 'file-not-replaced' })
    let refused: unknown
    pointTo(location, 'nightly', older, world.drivers).catch((thrown: unknown) => (refused = thrown))
    await until(async () => {
      await world.clock.advance(10)
      return refused
    })
    expect(refused).toMatchObject({ code: expect.stringMatching(/^file-(not-replaced|denied)$/) as string })
    expect(await readPointer(location, 'nightly', world.drivers)).toBe(older.id)
    expect(await states()).toEqual(['interrupted', 'complete'])
    expect(await problems(older)).toEqual([])
  })

  test('fault 30: lists what it may not delete, and stays a valid bag', async () => {
    const set = await begin(world)
    await put(set, `${config}.1`, 'half of it')
    await set.add(ok(configuration, config), [await put(set, config, 'all of it')])
    await set.add(ok(userData, users), [await put(set, users, 'the users')])
    const folder = join(behind(), set.id, 'data/configuration')
    await chown(folder, 0, 0)
    await chmod(folder, 0o1777)
    await chown(join(folder, 'Config.zip.1'), 0, 0)

    const made = await set.commit()

    expect(made).toMatchObject({ state: 'complete', files: 3 })
    expect(await problems(made)).toEqual([])
  })

  test('fault 5: an empty share in its place gets nothing, and the sets come back with their own', async () => {
    const set = await makeSet(world)
    const [ours, other] = [behind(), `${behind()}.other`]
    await mkdir(other)
    await chmod(other, 0o777)
    await rename(ours, `${ours}.away`)
    await rename(other, ours)
    world.clock.jump(60)
    await expect(startSet(location, start, world.drivers)).rejects.toMatchObject({ code: 'location-unclaimed' })
    expect(await readdir(ours)).toEqual([])
    await rename(ours, other)
    await rename(`${ours}.away`, ours)
    expect(await states()).toEqual(['complete'])
    expect(await problems(set)).toEqual([])
  })

  test('fault 3: where the disk of the server is full is not made; older ones stay', async () => {
    const older = await makeSet(world)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=777', 'tmpfs', join(behind(), 'nightly')])
    try {
      world.clock.jump(60)
      const set = await begin(world)
      await expect(put(set, config, Buffer.alloc(512 * 1024, 1))).rejects.toThrow()
      await set.add({ ...ok(configuration, config), outcome: 'failed', message: 'no space' }, [])
      const made = await set.commit().catch(() => null)
      expect(made?.state ?? 'interrupted').not.toBe('complete')
      expect(await states()).not.toContain('complete')
    } finally {
      execFileSync('umount', ['--lazy', join(behind(), 'nightly')])
    }
    expect(await states()).toEqual(['complete'])
    expect(await problems(older)).toEqual([])
  })

  test('fault 18: names that differ by case alone, odd and long ones stand side by side on a server that knows no case', async () => {
    await writeFile(join(behind(), 'Case'), 'upper')
    expect(await readFile(join(world.share, 'cASE'), 'utf8')).toBe('upper')
    const from = await makeWorld()
    const odd = [
      'report.TXT',
      'Report.txt',
      'CON',
      'ends in dots...',
      'a:b',
      'caf\u00e9',
      'cafe\u0301',
      'x'.repeat(250),
    ]
    for (const name of odd) await writeFile(join(from.share, name), name)

    const tree = await copyTree(from.share, join(world.share, 'copy'), {
      skip: () => null,
      escape: escapeNames,
      signal,
    })

    expect(tree.skipped).toEqual([])
    expect(tree.files.map(({ name }) => name).sort()).toEqual([...odd].sort())
    for (const { name, path } of tree.files) expect(await readFile(join(world.share, 'copy', path), 'utf8')).toBe(name)
  })

  test('fault 16: a source whose folder the server does not open is told, and the rest is copied', async () => {
    await mkdir(join(behind(), 'store/closed'), { recursive: true })
    await writeFile(join(behind(), 'store/open.txt'), 'open')
    await writeFile(join(behind(), 'store/closed/secret.txt'), 'secret')
    await chmod(join(behind(), 'store/closed'), 0o700)

    const to = await makeWorld()
    const tree = await copyTree(join(world.share, 'store'), join(to.share, 'copy'), {
      skip: () => null,
      escape: escapeNames,
      signal,
    })

    expect(tree.files.map(({ name }) => name)).toEqual(['open.txt'])
    expect(tree.skipped).toMatchObject([{ name: 'closed', reason: 'denied' }])
  })

  test('is claimed once by two that ask at the same time', async () => {
    const ends = await Promise.allSettled(
      ['daemon-1', 'daemon-2'].map((owner) => claimLocation(location, { ...us, owner }, world.drivers)),
    )
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })
}
