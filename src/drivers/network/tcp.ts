import { connect, type Socket } from 'node:net'
import { Problem, systemCode } from '../../base/problem.ts'
import type { HostConfig } from '../../config/config.ts'
import { untilAborted } from '../deadline.ts'

/** A machine that is there answers within milliseconds; one that is not may never answer. */
const patienceMilliseconds = 4_000

/** What the far end, or the lack of one, makes of a connection; everything else is trouble at our own end. */
const noAnswer = new Set(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH', 'EHOSTDOWN'])

/**
 * Whether a listener accepts a connection, which is closed at once. `port` is the published one. Throws `tcp-failed`
 * when that could not be tried: the name has no address, or this machine has no network.
 */
export async function acceptsConnection(
  hosts: Readonly<Record<string, HostConfig>>,
  host: string,
  port: number,
  signal: AbortSignal,
): Promise<boolean> {
  const override = hosts[host.toLowerCase()]
  const socket = connect({ host: override?.address ?? host, port: override?.ports[port] ?? port })
  try {
    return await untilAborted(answer(socket), signal)
  } catch (thrown) {
    signal.throwIfAborted()
    if (noAnswer.has(systemCode(thrown) ?? '')) return false
    throw failed(host, thrown)
  } finally {
    socket.destroy()
  }
}

function answer(socket: Socket): Promise<boolean> {
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(true))
    socket.on('error', reject)
    socket.setTimeout(patienceMilliseconds, () => resolve(false))
  })
}

function failed(host: string, thrown: unknown): Problem {
  const reason = systemCode(thrown) ?? (thrown instanceof Error ? thrown.message : String(thrown))
  return new Problem('tcp-failed', {
    subject: host,
    message: `No connection to ${host} could be tried (${reason}).`,
    hint: 'Check that the name resolves on this machine and that its network is up.',
    cause: thrown,
  })
}
