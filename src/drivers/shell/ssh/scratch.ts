import { tmpdir } from 'node:os'
import { posix, win32 } from 'node:path'
import { addAbortSignal, Readable } from 'node:stream'
import type { SshShell } from '../../../config/config-shell.ts'
import { chunksOf } from '../../files/durable.ts'
import type { ScratchFolder } from '../host.ts'
import { checkFileName, localScratch, noOutput, removeLocalLeftovers, type ScratchNames } from '../scratch.ts'
import { isWindows } from './remote-end.ts'
import type { Sftp } from './sftp.ts'
import type { Ssh } from './ssh.ts'

/** `C:\LyncBackup\x` -> `/C:/LyncBackup/x`, as OpenSSH for Windows wants it; any other path as it is. */
export function sftpPath(path: string): string {
  const drive = /^[A-Za-z]:/.test(path)
  return drive ? `/${path.replaceAll('\\', '/')}` : path
}

/** A fresh folder on the management host. What a former process left there is removed on the way. */
export async function scratchThere(ssh: Ssh, settings: SshShell, names: ScratchNames): Promise<ScratchFolder> {
  const paths = isWindows(settings) ? win32 : posix
  const folder = paths.join(settings.scratch, names.next())
  const pathOf = (file: string): string => paths.join(folder, checkFileName(file))
  {
    await using sftp = await ssh.sftp()
    await sftp.makeFolder(sftpPath(folder))
    const now = (await sftp.attributes(sftpPath(folder)))?.modifiedAt ?? 0
    await removeLeftovers(sftp, sftpPath(settings.scratch), names, now)
  }
  async function open(file: string): Promise<Readable> {
    const path = pathOf(file)
    const sftp = await ssh.sftp()
    try {
      const found = await sftp.attributes(sftpPath(path))
      if (found === null || !isFile(found.mode)) throw noOutput(path)
      return Readable.from(readAndClose(sftp, sftpPath(path)))
    } catch (thrown) {
      await sftp[Symbol.asyncDispose]()
      throw thrown
    }
  }
  let copies: Promise<ScratchFolder> | null = null
  return {
    path: pathOf,
    open,
    async here(file, signal) {
      const content = addAbortSignal(signal, await open(file))
      copies ??= localScratch(tmpdir(), names)
      await (await copies).write(file, content)
      return (await copies).path(file)
    },
    async write(file, content) {
      await using sftp = await ssh.sftp()
      await sftp.write(sftpPath(pathOf(file)), chunksOf(content))
    },
    async [Symbol.asyncDispose]() {
      // The export is here already or has failed for a better reason; what stays is a leftover of tomorrow.
      try {
        await (await copies)?.[Symbol.asyncDispose]()
        await using sftp = await ssh.sftp()
        await removeTree(sftp, sftpPath(folder))
      } catch {}
    },
  }
}

async function* readAndClose(sftp: Sftp, path: string): AsyncGenerator<Buffer> {
  await using _ = sftp
  yield* sftp.read(path)
}

/** What a former daemon left there, and of copies here. */
export async function removeLeftoversThere(ssh: Ssh, settings: SshShell, names: ScratchNames): Promise<void> {
  await removeLocalLeftovers(tmpdir(), names, 0)
  await using sftp = await ssh.sftp()
  await removeLeftovers(sftp, sftpPath(settings.scratch), names, 0)
}

/** `now`: seconds by the clock of that machine; 0: ages do not count. */
async function removeLeftovers(sftp: Sftp, root: string, names: ScratchNames, now: number): Promise<void> {
  for (const { name, attributes } of await sftp.list(root))
    if (names.isLeftover(name, now - (attributes.modifiedAt ?? now)))
      await removeTree(sftp, `${root}/${name}`).catch(() => {})
}

/** A link is removed and never followed. */
async function removeTree(sftp: Sftp, path: string): Promise<void> {
  for (const { name, attributes } of await sftp.list(path)) {
    const inner = `${path}/${name}`
    if (isFolder(attributes.mode)) await removeTree(sftp, inner)
    else await sftp.removeFile(inner)
  }
  await sftp.removeFolder(path)
}

const typeBits = 0o170000
const isFolder = (mode: number | null): boolean => mode !== null && (mode & typeBits) === 0o040000
const isFile = (mode: number | null): boolean => mode === null || (mode & typeBits) === 0o100000
