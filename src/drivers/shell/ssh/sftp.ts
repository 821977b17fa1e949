import { Problem } from '../../../base/problem.ts'
import type { Channel, Reply } from './channel.ts'
import { attributes, flag, kind, status, string, uint32, uint64, type Attributes, type Fields } from './packets.ts'

/** Files of the management host, by paths as `sftpPath` writes them. Refusals are Problems `ssh-sftp-failed`. */
export interface Sftp extends AsyncDisposable {
  /** A new folder, for its owner alone. */
  makeFolder(path: string): Promise<void>
  list(path: string): Promise<{ name: string; attributes: Attributes }[]>
  /** Of the file itself where it is a link; null where there is none. */
  attributes(path: string): Promise<Attributes | null>
  /** The content, in constant memory. Throws unless it is as long as the server says, before and after. */
  read(path: string): AsyncGenerator<Buffer>
  /** A new file, in constant memory. What the content throws goes through as it is. */
  write(path: string, content: AsyncIterable<Uint8Array>): Promise<void>
  removeFile(path: string): Promise<void>
  removeFolder(path: string): Promise<void>
}

/** What every server answers at once; several requests on their way keep the line full. */
const chunkBytes = 32 * 1024
const readsInFlight = 32
const ownerOnly = 0o700
/** Of one folder: what we list holds our own scratch folders. */
const mostEntries = 100_000

export function sftpOver(channel: Channel): Sftp {
  async function done(path: string, type: number, ...parts: readonly Buffer[]): Promise<void> {
    const reply = await channel.request(type, ...parts)
    if (reply.status !== status.ok) throw refused(path, reply)
  }

  async function got(path: string, wanted: number, type: number, ...parts: readonly Buffer[]): Promise<Fields> {
    const reply = await channel.request(type, ...parts)
    if (reply.kind !== wanted) throw refused(path, reply)
    return reply.fields
  }

  /** A file or folder that is open, as the server calls it. */
  async function opened(path: string, type: number, ...how: readonly Buffer[]): Promise<Buffer> {
    return string((await got(path, kind.handle, type, string(path), ...how)).bytes())
  }

  const close = (path: string, handle: Buffer): Promise<void> => done(path, kind.close, handle)

  /** Exactly these bytes: a server may answer with fewer than it was asked for. */
  async function readPart(path: string, handle: Buffer, from: number, length: number): Promise<Buffer> {
    const parts: Buffer[] = []
    for (let have = 0; have < length; have += parts.at(-1)?.length ?? 0) {
      const reply = await channel.request(kind.read, handle, uint64(from + have), uint32(length - have))
      if (reply.status === status.endOfFile) throw changed(path)
      if (reply.kind !== kind.data) throw refused(path, reply)
      parts.push(reply.fields.bytes())
    }
    return Buffer.concat(parts)
  }

  async function* readAll(path: string, handle: Buffer): AsyncGenerator<Buffer> {
    const sizeNow = async (): Promise<number | null> =>
      (await got(path, kind.attrs, kind.fstat, handle)).attributes().size
    const size = (await sizeNow()) ?? 0
    const parts: Promise<Buffer>[] = []
    for (let asked = 0; asked < size || parts.length > 0;) {
      for (; asked < size && parts.length < readsInFlight; asked += chunkBytes) {
        const part = readPart(path, handle, asked, Math.min(chunkBytes, size - asked))
        part.catch(() => {}) // thrown when its turn comes
        parts.push(part)
      }
      yield (await parts.shift()) as Buffer
    }
    if ((await sizeNow()) !== size) throw changed(path)
  }

  return {
    makeFolder: (path) => done(path, kind.mkdir, string(path), attributes(ownerOnly)),
    removeFile: (path) => done(path, kind.remove, string(path)),
    removeFolder: (path) => done(path, kind.rmdir, string(path)),
    async attributes(path) {
      const reply = await channel.request(kind.lstat, string(path))
      if (reply.status === status.noSuchFile) return null
      if (reply.kind !== kind.attrs) throw refused(path, reply)
      return reply.fields.attributes()
    },
    async list(path) {
      const handle = await opened(path, kind.opendir)
      const all: { name: string; attributes: Attributes }[] = []
      for (;;) {
        const reply = await channel.request(kind.readdir, handle)
        if (reply.status === status.endOfFile) break
        if (reply.kind !== kind.name) throw refused(path, reply)
        for (let count = reply.fields.uint32(); count > 0; count--) all.push(entryOf(reply.fields))
        if (all.length > mostEntries) throw endless(path)
      }
      await close(path, handle)
      return all.filter(({ name }) => name !== '.' && name !== '..')
    },
    async *read(path) {
      const handle = await opened(path, kind.open, uint32(flag.read), attributes(null))
      yield* readAll(path, handle)
      await close(path, handle)
    },
    async write(path, content) {
      const how = [uint32(flag.write | flag.create | flag.exclusive), attributes(null)]
      const handle = await opened(path, kind.open, ...how)
      let at = 0
      for await (const piece of content)
        for (let from = 0; from < piece.length; from += chunkBytes) {
          const chunk = piece.subarray(from, from + chunkBytes)
          await done(path, kind.write, handle, uint64(at), string(chunk))
          at += chunk.length
        }
      await close(path, handle)
    },
    [Symbol.asyncDispose]: () => channel[Symbol.asyncDispose](),
  }
}

function entryOf(fields: Fields): { name: string; attributes: Attributes } {
  const name = fields.text()
  fields.text() // the same as a line of `ls`
  return { name, attributes: fields.attributes() }
}

const reasons: Readonly<Record<number, string>> = {
  [status.noSuchFile]: 'no such file or folder',
  [status.permissionDenied]: 'the account does not have the right',
}

function refused(path: string, { kind: type, status: code, fields }: Reply): Problem {
  const why = code === null ? `it answered with a packet ${type}` : (reasons[code] ?? fields.text())
  return new Problem('ssh-sftp-failed', {
    subject: path,
    message: `The management host refused a file operation on ${path}: ${why}.`,
    hint: 'Check on that machine that the folder shell.scratch is there, that the account may change it, and its free space.',
  })
}

function endless(path: string): Problem {
  return new Problem('ssh-sftp-failed', {
    subject: path,
    message: `${path} holds more than ${mostEntries} entries, or the management host lists it without end.`,
    hint: 'Let shell.scratch in holdfast.yaml be a folder of its own, and empty it.',
  })
}

function changed(path: string): Problem {
  return new Problem('ssh-sftp-failed', {
    subject: path,
    message: `${path} is not as long as it was when its transfer began.`,
    hint: 'Something else writes to that file. The item is tried again in the next run.',
  })
}
