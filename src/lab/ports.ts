import { createServer, type Server, type Socket } from 'node:net'
import { randomInt } from 'node:crypto'
import { Problem, systemCode } from '../base/problem.ts'

/** Blocks begin from `lowest` to `highest`: below the range from which systems take ports for outgoing connections. */
const [lowest, highest] = [10_000, 31_900]
const blockSize = 100

/** Ports of the loopback address that one lab has to itself, also while nothing listens on them. */
export interface Ports extends AsyncDisposable {
  /** First ports of its blocks. */
  readonly blocks: readonly number[]
  /** One that was not given before. */
  next(): Promise<number>
}

/**
 * Ports come in blocks: whoever listens on the first port of a block has the others. So a machine that was cut off finds its
 * port again. `before`: blocks that the lab had when it ran last; what somebody else has by now is not its own any more.
 */
export async function openPorts(before: readonly number[] = []): Promise<Ports> {
  const holders = new Map<number, Listener>()
  const hold = async (first: number): Promise<boolean> => {
    const holder = await listenTcp(first, (socket) => socket.destroy(), { unref: true }).catch(ignoreTaken)
    if (holder) holders.set(first, holder)
    return holder !== null
  }
  for (const first of before) await hold(first)
  const unused: number[] = []
  async function addBlock(): Promise<void> {
    const count = (highest - lowest) / blockSize + 1
    const start = randomInt(count)
    for (let tried = 0; tried < count; tried++) {
      const first = lowest + ((start + tried) % count) * blockSize
      if (!holders.has(first) && (await hold(first))) {
        unused.push(...Array.from({ length: blockSize - 1 }, (_, index) => first + 1 + index))
        return
      }
    }
    throw new Problem('lab-start-failed', {
      message: `Other programs hold ports in each block of ${blockSize} from ${lowest} on.`,
      hint: 'End labs that are not needed any more: holdfast lab down DIR',
    })
  }
  let adding: Promise<void> | null = null
  return {
    get blocks() {
      return [...holders.keys()]
    },
    async next() {
      for (;;) {
        const port = unused.shift()
        if (port !== undefined) return port
        adding ??= addBlock().finally(() => (adding = null))
        await adding
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...holders.values()].map((holder) => holder.close()))
    },
  }
}

/**
 * Opens something on its port of the loopback address; on a free one of `ports` where it has none yet. Throws Problem
 * `lab-port-taken` when another program holds its port.
 */
export async function openOn<T>(
  port: number | null,
  what: string,
  open: (port: number) => Promise<T>,
  ports: Ports,
): Promise<{ port: number; opened: T }> {
  if (port !== null) {
    try {
      return { port, opened: await open(port) }
    } catch (thrown) {
      if (!isTaken(thrown)) throw explained(thrown)
      throw new Problem('lab-port-taken', {
        subject: what,
        message: `Port ${port} of this machine is held by another program.`,
        hint: 'End that program, or make a new lab in another folder.',
        cause: thrown,
      })
    }
  }
  for (;;) {
    const candidate = await ports.next()
    try {
      return { port: candidate, opened: await open(candidate) }
    } catch (thrown) {
      if (!isTaken(thrown)) throw explained(thrown)
    }
  }
}

/** A lab of a thousand machines listens on some 3,500 ports. */
function explained(thrown: unknown): unknown {
  const code = systemCode(thrown)
  if (code !== 'EMFILE' && code !== 'ENFILE') return thrown
  return new Problem('lab-start-failed', {
    message: 'This machine does not let one process open as many ports as this deployment has.',
    hint: 'Raise the limit of open files, for instance with: ulimit -n 8192',
    cause: thrown,
  })
}

function ignoreTaken(thrown: unknown): null {
  if (isTaken(thrown)) return null
  throw explained(thrown)
}

function isTaken(thrown: unknown): boolean {
  const code = systemCode(thrown) ?? systemCode(thrown instanceof Error ? thrown.cause : null)
  return code === 'EADDRINUSE' || code === 'EACCES'
}

interface Listener {
  close(): Promise<void>
}

/**
 * A TCP listener on the loopback address whose `close` drops every connection at once, as a dying machine does. `unref`: no
 * process goes on for its sake.
 */
export function listenTcp(
  port: number,
  onConnection: (socket: Socket) => void,
  { unref = false } = {},
): Promise<Listener> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy())
    onConnection(socket)
  })
  if (unref) server.unref()
  return listening(server, port).then(() => ({
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => {
          resolve()
        })
        for (const socket of sockets) socket.destroy()
      }),
  }))
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/** A port that nobody listens on now, for somebody who will open it later. */
export async function freePort(ports: Ports): Promise<number> {
  const { port, opened } = await openOn(null, 'a free port', (candidate) => listenTcp(candidate, () => {}), ports)
  await opened.close()
  return port
}
