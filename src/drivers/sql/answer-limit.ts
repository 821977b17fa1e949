/** How much an instance may answer to one statement: what none of ours is ever answered with would fill our memory. */
import type { Socket } from 'node:net'
import { Problem } from '../../base/problem.ts'

/** An instance has at most 32,767 databases, and no statement asks for more than one row of each. */
export const mostRows = 100_000
/** The facts of some thousand databases; far more than any messages of a BACKUP or of a damaged database. */
const mostMebibytes = 8
export const mostBytes = mostMebibytes << 20

/**
 * Ends the connection, and calls `onTooMuch` before, once more has come since something was last sent: so every answer
 * counts for itself, and rows, messages and one value without end alike.
 */
export function limitAnswers(socket: Socket, onTooMuch: () => void): void {
  const push = socket.push.bind(socket)
  let sent = socket.bytesWritten
  let bytes = 0
  socket.push = (chunk: Buffer | null, encoding) => {
    if (socket.bytesWritten !== sent) bytes = 0
    sent = socket.bytesWritten
    bytes += chunk?.length ?? 0
    if (bytes <= mostBytes) return push(chunk, encoding)
    if (!socket.destroyed) onTooMuch()
    socket.destroy()
    return false
  }
}

export function tooManyRows(subject: string): Problem {
  return tooMuch(subject, `${mostRows} rows`)
}

export function tooManyBytes(subject: string): Problem {
  return tooMuch(subject, `${mostMebibytes} MiB`)
}

function tooMuch(subject: string, limit: string): Problem {
  return new Problem('sql-answer-too-large', {
    subject,
    message: `The instance answered one statement with more than ${limit}. The answer was cut off.`,
    hint: 'Make sure that the address and the port are those of the SQL Server that the topology names.',
  })
}
