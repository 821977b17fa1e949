import type { Clock } from '../../../base/clock.ts'
import { Problem } from '../../../base/problem.ts'
import type { SshShell } from '../../../config/config-shell.ts'
import { deadline, untilAborted } from '../../deadline.ts'
import type { Child } from '../../child/child.ts'
import { Fields, kind, packetsOf, uint32 } from './packets.ts'
import { faultOf, sshProblem } from './problems.ts'

/** Requests to an SFTP server and its replies, any number on their way. */
export interface Channel extends AsyncDisposable {
  /** Throws `ssh-connection-lost` when no reply can come any more, or none came in time. */
  request(type: number, ...parts: readonly Buffer[]): Promise<Reply>
}

export interface Reply {
  kind: number
  /** What follows the id; null where the reply is a status. */
  fields: Fields
  status: number | null
}

const answerMilliseconds = 60_000
const closeMilliseconds = 5_000
const protocolVersion = 3

/** Waits for the greeting of the server behind `process`. Throws `ssh-...` where it cannot be had. */
export async function openChannel(process: Child, settings: SshShell, clock: Clock): Promise<Channel> {
  const greeted = Promise.withResolvers<undefined>()
  greeted.promise.catch(() => {})
  const waiting = new Map<number, PromiseWithResolvers<Reply>>()
  let connected = false
  let count = 0
  let fault: Problem | null = null

  function receive(packet: Buffer): void {
    const fields = new Fields(packet)
    const type = fields.byte()
    if (!connected) {
      if (type !== kind.version) throw new RangeError('Its greeting does not name a version of SFTP.')
      connected = true
      greeted.resolve(undefined)
      return
    }
    const id = fields.uint32()
    waiting.get(id)?.resolve({ kind: type, fields, status: type === kind.status ? fields.uint32() : null })
    waiting.delete(id)
  }

  async function listen(): Promise<void> {
    let misspoke: unknown = null
    try {
      for await (const packet of packetsOf(process.lines)) receive(packet)
    } catch (thrown) {
      misspoke = thrown
      await process.end()
    }
    await process.closed
    fault = misspoke === null ? faultOf(settings, process, connected) : null
    fault ??=
      connected && misspoke === null
        ? sshProblem(settings, process.complaints(), true)
        : notServed(settings, process, misspoke)
    greeted.reject(fault)
    for (const one of waiting.values()) one.reject(fault)
  }

  async function answered<T>(work: Promise<T>): Promise<T> {
    const late = (): Problem => sshProblem(settings, `no answer within ${answerMilliseconds / 1000} seconds`, connected)
    using limit = deadline(clock, answerMilliseconds, late)
    return await untilAborted(work, limit.signal)
  }

  function send(type: number, ...parts: readonly Buffer[]): void {
    const body = Buffer.concat([Buffer.from([type]), ...parts])
    process.write(Buffer.concat([uint32(body.length), body]))
  }

  const channel: Channel = {
    async request(type, ...parts) {
      if (fault) throw fault
      const id = ++count
      const reply = Promise.withResolvers<Reply>()
      waiting.set(id, reply)
      send(type, uint32(id), ...parts)
      return await answered(reply.promise)
    },
    async [Symbol.asyncDispose]() {
      process.closeInput()
      const stop = new AbortController()
      await Promise.race([process.closed, clock.sleep(closeMilliseconds, stop.signal).catch(() => {})])
      stop.abort()
      await process.end()
    },
  }

  void listen()
  send(kind.init, uint32(protocolVersion))
  try {
    await answered(greeted.promise)
    return channel
  } catch (thrown) {
    await process.end()
    throw thrown
  }
}

function notServed({ host, user }: SshShell, process: Child, cause: unknown): Problem {
  return new Problem('ssh-sftp-failed', {
    subject: host,
    message: `${host} accepted ${user}, but does not serve files by sftp. ${process.complaints()}`.trim(),
    hint: 'sshd_config of that machine needs  Subsystem sftp sftp-server.exe  and no ForceCommand for the account.',
    ...(cause === null ? {} : { cause }),
  })
}
