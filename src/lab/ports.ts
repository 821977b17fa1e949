import { createServer, type Server, type Socket } from 'node:net'
import { randomInt } from 'node:crypto'
import { Problem, systemCode } from '../base/problem.ts'

type Range = readonly [lowest: number, highest: number]
/** Below the range from which systems take ports for outgoing connections. */
const usual: Range = [20_000, 31_999]
/** For a lab of many machines, so that it stays out of the way of the small ones. */
export const forMany: Range = [10_000, 19_999]

/**
 * Opens something on its port of the loopback address; on a free one where it has none yet. Throws Problem
 * `lab-port-taken` when another program holds its port.
 */
export async function openOn<T>(
  port: number | null,
  what: string,
  open: (port: number) => Promise<T>,
  [lowest, highest] = usual,
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
  for (let candidate = randomInt(lowest, highest); ; candidate = candidate < highest ? candidate + 1 : lowest) {
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

function isTaken(thrown: unknown): boolean {
  const code = systemCode(thrown) ?? systemCode(thrown instanceof Error ? thrown.cause : null)
  return code === 'EADDRINUSE' || code === 'EACCES'
}

/** A TCP listener on the loopback address whose `close` drops every connection at once, as a dying machine does. */
export function listenTcp(port: number, onConnection: (socket: Socket) => void): Promise<{ close(): Promise<void> }> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy())
    onConnection(socket)
  })
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

/** A port that nobody holds now, for somebody who will open it later. */
export async function freePort(): Promise<number> {
  const { port, opened } = await openOn(null, 'a free port', (candidate) => listenTcp(candidate, () => {}))
  await opened.close()
  return port
}
