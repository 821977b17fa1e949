import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { readCatalogue } from '../../src/sets/catalogue.ts'
import { startSet } from '../../src/sets/writer.ts'
import { noServers } from '../support/no-servers.ts'
import { begin, configuration, location, makeSet, makeWorld, memoryCache, ok, put, start, userData } from './world.ts'

const run = promisify(execFile)

async function stateOnShare(world: Awaited<ReturnType<typeof makeWorld>>): Promise<string[]> {
  return (await readCatalogue(location, memoryCache(), new Set(), world.drivers)).sets.map(({ state }) => state)
}

describe('a set', () => {
  test('is complete when every required item is ok, and sha256sum agrees', async () => {
    const world = await makeWorld()
    const set = await makeSet(world)
    expect(set).toMatchObject({ state: 'complete', policy: 'nightly', bytes: 26, files: 2, whole: true })
    expect(set.id).toMatch(/^nightly\/20260729T020000Z-[a-z2-7]{4}$/)
    expect(set.unc).toBe(`\\\\backup01.contoso.com\\LyncBackup\\nightly\\${set.id.slice('nightly/'.length)}`)
    const { stdout } = await run('sh', ['-c', 'sha256sum --strict -c manifest-sha256.txt tagmanifest-sha256.txt'], {
      cwd: set.path,
    })
    expect(stdout.trim().split('\n')).toHaveLength(7)
    expect(await stateOnShare(world)).toEqual(['complete'])
  })

  test('is a bag as RFC 8493 asks', async () => {
    const { path, id } = await makeSet(await makeWorld())
    expect(await readFile(join(path, 'bagit.txt'), 'utf8')).toBe(
      'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n',
    )
    const info = await readFile(join(path, 'bag-info.txt'), 'utf8')
    expect(info).toContain('Bagging-Date: 2026-07-29\n')
    expect(info).toContain('Payload-Oxum: 26.2\n')
    expect(info).toContain(`External-Identifier: ${id}\n`)
    for (const [manifest, base] of [
      ['manifest-sha256.txt', 'data/'],
      ['tagmanifest-sha256.txt', ''],
    ] as const) {
      const lines = (await readFile(join(path, manifest), 'utf8')).split('\n').slice(0, -1)
      for (const line of lines) {
        const [sha256, file] = [line.slice(0, 64), line.slice(66)]
        expect(file.startsWith(base)).toBe(true)
        expect(
          createHash('sha256')
            .update(await readFile(join(path, file)))
            .digest('hex'),
        ).toBe(sha256)
      }
    }
    const payload = (await readdir(join(path, 'data'), { recursive: true, withFileTypes: true })).filter((e) =>
      e.isFile(),
    )
    expect(payload).toHaveLength(2)
  })

  test('is there from the first moment, with its required items, and counts for nothing', async () => {
    const world = await makeWorld()
    const set = await begin(world)
    const record = JSON.parse(await readFile(join(set.folder, 'backup-set.json'), 'utf8')) as object
    expect(record).toMatchObject({ id: set.id, finishedAt: null, required: start.required, items: [] })
    const { sets: catalogue } = await readCatalogue(location, memoryCache(), new Set([set.id]), world.drivers)
    expect(catalogue).toMatchObject([{ id: set.id, state: 'in-progress', finishedAt: null }])
    expect(await stateOnShare(world)).toEqual(['interrupted'])
  })

  test('is partial when an item failed, and what that item left is deleted', async () => {
    const world = await makeWorld()
    const set = await begin(world)
    const config = 'data/configuration/Config.zip'
    await set.add(ok(configuration, config), [await put(set, config, 'fine')])
    await put(set, 'data/pools/pool01.contoso.com/user-data.zip', 'half')
    await put(set, 'data/pools/pool01.contoso.com/user-data.zip.part', 'half')
    const users = 'data/pools/pool01.contoso.com/user-data.zip'
    await set.add({ ...userData, path: users, outcome: 'failed', bytes: 0, message: 'the cmdlet failed' }, [])
    const made = await set.commit()
    expect(made.state).toBe('partial')
    expect(made.items).toContainEqual(expect.objectContaining({ outcome: 'failed', message: 'the cmdlet failed' }))
    expect(await readdir(join(set.folder, 'data'))).toEqual(['configuration'])
    expect(await readFile(join(set.folder, 'manifest-sha256.txt'), 'utf8')).not.toContain('user-data')
    expect(await stateOnShare(world)).toEqual(['partial'])
  })

  test('is partial when nobody told how a required item ended, and when an item is suspect', async () => {
    const world = await makeWorld()
    const silent = await begin(world)
    expect(await silent.commit()).toMatchObject({
      state: 'partial',
      items: [{ outcome: 'failed' }, { outcome: 'failed' }],
    })
    const doubtful = await begin(world, { required: [configuration] })
    const path = 'data/configuration/Config.zip'
    await doubtful.add({ ...ok(configuration, path), outcome: 'suspect' }, [await put(doubtful, path, 'small')])
    expect(await doubtful.commit()).toMatchObject({ state: 'partial', files: 1 })
  })

  test('fails the item whose file is gone or shorter when the set is closed', async () => {
    const set = await begin(await makeWorld())
    const [config, users] = ['data/configuration/Config.zip', 'data/pools/pool01.contoso.com/user-data.zip']
    await set.add(ok(configuration, config), [await put(set, config, 'as told')])
    await set.add(ok(userData, users), [await put(set, users, 'as told')])
    await writeFile(join(set.folder, config), 'cut')
    await rm(join(set.folder, users))
    const made = await set.commit()
    expect(made.items.map(({ outcome }) => outcome)).toEqual(['failed', 'failed'])
    expect(made).toMatchObject({ state: 'partial', files: 0 })
  })

  test('fault 20: never follows a link that somebody put into it', async () => {
    const world = await makeWorld()
    const set = await begin(world)
    const outside = join(world.share, 'precious.txt')
    await writeFile(outside, 'precious')
    await symlink(outside, join(set.folder, 'data', 'link'))
    await symlink(world.share, join(set.folder, 'data', 'folder'))
    await set.commit()
    expect(await readFile(outside, 'utf8')).toBe('precious')
    expect(await readdir(join(set.folder, 'data'))).toEqual([])
  })

  test('stays without a commit record when the run gives up', async () => {
    const world = await makeWorld()
    const set = await begin(world)
    await set.abandon('the daemon was stopped')
    expect(await stateOnShare(world)).toEqual(['interrupted'])
    expect(await readFile(join(set.folder, 'backup-set.json'), 'utf8')).toContain('the daemon was stopped')
    await expect(set.commit()).rejects.toMatchObject({ code: 'unexpected' })
  })

  test('is left as it is by a run that gives up after its commit record', async () => {
    const world = await makeWorld()
    const set = await begin(world)
    await set.add(ok(configuration, 'data/configuration/Config.zip'), [
      await put(set, 'data/configuration/Config.zip', 'the configuration'),
    ])
    await set.commit()
    const record = await readFile(join(set.folder, 'backup-set.json'), 'utf8')
    await set.abandon('the daemon was stopped')
    expect(await readFile(join(set.folder, 'backup-set.json'), 'utf8')).toBe(record)
    expect(await stateOnShare(world)).toEqual(['partial'])
  })

  test('is told before its folder is made', async () => {
    const world = await makeWorld()
    await begin(world)
    const told: boolean[] = []
    const second = await startSet(location, start, world.drivers, {
      note: (id) => {
        told.push(existsSync(join(world.share, id)))
        return Promise.resolve()
      },
    })
    expect(told).toEqual([false])
    expect(existsSync(second.folder)).toBe(true)
  })

  test('refuses paths that lead out of it', async () => {
    const set = await begin(await makeWorld())
    for (const path of ['data/../../x', '/etc/passwd', 'data//x', 'x', 'data/a\\b', 'data/c:x', 'data/'])
      await expect(set.local(path)).rejects.toThrow(/is not the path of a payload file/)
  })
})

describe('folders', () => {
  test('of two runs in one second differ, and the later one sorts later', async () => {
    const world = await makeWorld()
    const [first, second] = [await begin(world), await begin(world)]
    expect([second.id, first.id].sort()).toEqual([first.id, second.id])
  })

  test('grow although the clock went back by a year', async () => {
    const world = await makeWorld()
    const first = await begin(world)
    world.clock.jump(-365 * 86_400)
    const second = await begin(world)
    expect(second.id.slice(0, 24)).toBe('nightly/20260729T020001Z')
    expect(second.id > first.id).toBe(true)
  })

  test('are never made on a share that is not there, not claimed, or another deployment’s', async () => {
    const world = await makeWorld()
    await expect(startSet(location, start, world.drivers)).rejects.toMatchObject({ code: 'location-unclaimed' })
    expect(await readdir(world.share)).toEqual([])
    const gone = await makeWorld(join(world.share, 'gone'))
    await expect(startSet(location, start, gone.drivers)).rejects.toMatchObject({ code: 'location-unreachable' })
    expect(await readdir(world.share)).toEqual([])
    await begin(world)
    const foreign = { ...start, desired: noServers('fabrikam') }
    await expect(startSet(location, foreign, world.drivers)).rejects.toMatchObject({
      code: 'location-foreign-deployment',
    })
  })

  test('fault 4: do not come back as local folders when the share vanishes in the middle of a run', async () => {
    const world = await makeWorld()
    const set = await begin(world)
    await rm(dirname(set.folder), { recursive: true })
    await expect(set.local('data/configuration/Config.zip')).rejects.toMatchObject({ code: 'file-gone' })
    expect(await readdir(world.share)).toEqual(['holdfast-location.json'])
  })
})

const leftoversCanBeKept = process.getuid?.() === 0
test.runIf(!leftoversCanBeKept)(
  `lists what cannot be deleted${leftoversCanBeKept ? ' (skipped: root may delete everything)' : ''}`,
  async () => {
    const set = await begin(await makeWorld())
    await put(set, 'data/sql/sql01_rtc/LcsCDR.bak', 'left')
    await chmod(join(set.folder, 'data/sql/sql01_rtc'), 0o555)
    expect(await set.commit()).toMatchObject({ files: 1 })
  },
)

test('a commit record is the last file written', async () => {
  const world = await makeWorld()
  const set = await begin(world)
  // A folder in the way of the manifest: closing breaks off right before it.
  await mkdir(join(set.folder, 'manifest-sha256.txt'))
  await expect(set.commit()).rejects.toMatchObject({ code: expect.stringMatching(/^file-/) })
  expect(await readdir(set.folder)).not.toContain('tagmanifest-sha256.txt')
  expect(await stateOnShare(world)).toEqual(['interrupted'])
})
