/** Files of the management host, through the sftp of a real sshd. */
import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { systemClock, type Clock } from '../../../../src/base/clock.ts'
import { Problem } from '../../../../src/base/problem.ts'
import { systemRandom } from '../../../../src/base/random.ts'
import { writeDurably } from '../../../../src/drivers/files/durable.ts'
import type { ScratchFolder } from '../../../../src/drivers/shell/host.ts'
import { scratchNames } from '../../../../src/drivers/shell/scratch.ts'
import { removeLeftoversThere, scratchThere } from '../../../../src/drivers/shell/ssh/scratch.ts'
import { openSsh } from '../../../../src/drivers/shell/ssh/ssh.ts'
import { hurriedClock } from '../../../support/hurried-clock.ts'
import { sshdLacks, startSshd, type Sshd } from '../../../support/sshd.ts'

const huge = 256 * 1024 * 1024

let sshd: Sshd
let folder: string
let root: string
let target: string

describe.skipIf(sshdLacks)(`scratch folders over ssh${sshdLacks ? `: ${sshdLacks}` : ''}`, () => {
  beforeAll(async () => void (sshd = await startSshd()))
  afterAll(() => sshd[Symbol.asyncDispose]())
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-sftp-'))
    root = join(folder, 'scratch')
    target = join(folder, 'user-data.zip')
    await mkdir(root)
  })
  afterEach(() => rm(folder, { recursive: true }))

  function scratch(clock: Clock = systemClock): Promise<ScratchFolder> {
    const settings = sshd.settings(['true'], root)
    return scratchThere(openSsh(settings, folder, clock), settings, scratchNames(null, systemRandom))
  }

  test('a fresh one for its owner alone, the file comes back byte by byte, and nothing stays', async () => {
    const content = randomBytes(5_000_001)
    const own = await scratch()
    const file = own.path('user-data.zip')
    await writeFile(file, content)
    expect((await stat(dirname(file))).mode & 0o777).toBe(0o700)
    const written = await writeDurably(target, await own.open('user-data.zip'))
    expect(written).toEqual({ bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') })
    await mkdir(join(dirname(file), 'more'))
    await symlink(folder, join(dirname(file), 'more', 'link'))
    await own[Symbol.asyncDispose]()
    expect(await readdir(root)).toEqual([])
    expect(existsSync(target)).toBe(true)
  })

  test('a copy of a file on this machine goes with the folder, and what a killed process left of one goes at a start', async () => {
    const { signal } = new AbortController()
    const copiesIn = async (): Promise<string[]> =>
      (await readdir(tmpdir())).filter((name) => /^holdfast-[0-9a-f]{8}-/.test(name) && !others.includes(name))
    const others = await readdir(tmpdir())
    const settings = sshd.settings(['true'], root)
    const open = (): Promise<ScratchFolder> =>
      scratchThere(openSsh(settings, folder, systemClock), settings, scratchNames('us', systemRandom))
    const own = await open()
    await writeFile(own.path('user-data.zip'), 'exported')
    expect(await readFile(await own.here('user-data.zip', signal), 'utf8')).toBe('exported')
    expect(await copiesIn()).toHaveLength(1)
    await own[Symbol.asyncDispose]()
    expect(await copiesIn()).toEqual([])

    const killed = await open()
    await writeFile(killed.path('user-data.zip'), 'exported')
    await killed.here('user-data.zip', signal)
    const names = scratchNames('us', systemRandom)
    await removeLeftoversThere(openSsh(settings, folder, systemClock), settings, names)
    expect([...(await copiesIn()), ...(await readdir(root))]).toEqual([])
  })

  test('an empty file is a file', async () => {
    await using own = await scratch()
    await own.write('probe.txt', '')
    expect(await writeDurably(target, await own.open('probe.txt'))).toMatchObject({ bytes: 0 })
  })

  test('what is written piece by piece is there byte by byte; content that fails leaves its own error', async () => {
    const content = randomBytes(1_000_001)
    await using own = await scratch()
    const pieces = Array.from({ length: 13 }, (_, at) => content.subarray(at * 77_777, (at + 1) * 77_777))
    await own.write('Config.zip', Readable.from(pieces))
    expect((await readFile(own.path('Config.zip'))).equals(content)).toBe(true)
    const other = new Problem('artefact-damaged', { message: 'It is another file.' })
    const broken = new Readable({ read: () => broken.destroy(other) })
    await expect(own.write('other.zip', broken)).rejects.toBe(other)
  })

  test('a cmdlet that wrote nothing, and a link in place of the file', async () => {
    await using own = await scratch()
    await expect(own.open('Config.zip')).rejects.toMatchObject({ code: 'shell-no-output' })
    await symlink('/etc/passwd', own.path('Config.zip'))
    await expect(own.open('Config.zip')).rejects.toMatchObject({ code: 'shell-no-output' })
  })

  test.each<[string, () => void]>([
    ['a connection cut', () => sshd.cut()],
    ['a file server ended', () => sshd.endCommands()],
  ])('%s in the middle of a transfer: nothing is taken for the file', async (_, happens) => {
    await using own = await scratch()
    await writeFile(own.path('user-data.zip'), '')
    await truncate(own.path('user-data.zip'), huge)
    const content = meanwhile(await own.open('user-data.zip'), 10, happens)
    await expect(writeDurably(target, content)).rejects.toMatchObject({ code: 'ssh-connection-lost' })
    expect(await readdir(folder)).toEqual(['scratch'])
  })

  test('a host that stops answering in the middle of a transfer is given up', async () => {
    const clock = hurriedClock()
    const own = await scratch(clock)
    await writeFile(own.path('user-data.zip'), '')
    await truncate(own.path('user-data.zip'), huge)
    const frozen = meanwhile(await own.open('user-data.zip'), 10, () => {
      sshd.freeze()
      clock.hurry()
    })
    await expect(writeDurably(target, frozen)).rejects.toMatchObject({ code: 'ssh-connection-lost' })
    expect(await readdir(folder)).toEqual(['scratch'])
    sshd.thaw()
  })

  test.each<[string, (file: string) => Promise<void>]>([
    ['grows', (file) => appendFile(file, 'more')],
    ['shrinks', (file) => truncate(file, 4096)],
  ])('a file that %s while it is fetched is not taken', async (_, change) => {
    await using own = await scratch()
    const file = own.path('user-data.zip')
    await writeFile(file, '')
    await truncate(file, 32 * 1024 * 1024)
    const work = writeDurably(
      target,
      meanwhile(await own.open('user-data.zip'), 1, () => change(file)),
    )
    await expect(work).rejects.toMatchObject({ code: 'ssh-sftp-failed' })
    expect(existsSync(target)).toBe(false)
  })

  test('what a former process left is removed after a day; nothing else is', async () => {
    const id = '0123456789abcdef0123456789abcdef'
    const old = new Date(Date.now() - 2 * 86_400_000)
    for (const name of [`holdfast-${id}`, 'holdfast-notes', 'other']) {
      await mkdir(join(root, name))
      await writeFile(join(root, name, 'user-data.zip'), 'x')
      await utimes(join(root, name), old, old)
    }
    await mkdir(join(root, `holdfast-${id.replace('0', 'f')}`))
    await using own = await scratch()
    expect((await readdir(root)).sort()).toEqual(
      [dirname(own.path('x')).split('/').at(-1), `holdfast-${id.replace('0', 'f')}`, 'holdfast-notes', 'other'].sort(),
    )
  })

  test('no folder there to make one in', async () => {
    await rm(root, { recursive: true })
    await expect(scratch()).rejects.toMatchObject({ code: 'ssh-sftp-failed' })
  })

  test('a machine that lets in and serves no files', async () => {
    await sshd.start(['Subsystem sftp /bin/false'])
    try {
      await expect(scratch()).rejects.toMatchObject({
        code: 'ssh-sftp-failed',
        message: expect.stringContaining('does not serve files') as string,
      })
    } finally {
      await sshd.start()
    }
  })

  test('a machine that went away leaves nothing to throw when the folder is given back', async () => {
    const own = await scratch()
    await sshd.kill()
    await own[Symbol.asyncDispose]()
    await sshd.start()
    expect(await readdir(root)).toHaveLength(1)
  })
})

/** The content, with something happening after so many chunks. */
function meanwhile(content: Readable, chunks: number, happens: () => unknown): Readable {
  async function* through(): AsyncGenerator<Buffer> {
    let count = 0
    for await (const chunk of content) {
      if (++count === chunks) await happens()
      yield chunk as Buffer
    }
  }
  return Readable.from(through())
}
