import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect } from 'vitest'
import { messageIn, type Message as Line } from '../support/shell-messages.ts'

export type { Line }

export interface Session extends AsyncDisposable {
  hello: Line
  ask(call: string, parameters: object): Promise<Line[]>
}

/** Speaks the protocol over the real streams of the real process. */
export async function openSession(directory: string): Promise<Session> {
  const host = join(import.meta.dirname, '..', '..', 'src', 'lab', 'shell-host.ts')
  const child = spawn(process.execPath, [host, directory], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async (): Promise<Line> => messageIn(((await lines.next()) as { value: string }).value) ?? {}
  const hello = (await next()).hello as Line
  let id = 0
  return {
    hello,
    async ask(call, parameters) {
      child.stdin.write(`${JSON.stringify({ id: String(++id), call, parameters })}\n`)
      const events: Line[] = []
      do events.push(await next())
      while (events.at(-1)?.event !== 'end')
      expect(events.every((event) => event.id === String(id))).toBe(true)
      return events
    },
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.stdin.end()
      await ended
    },
  }
}
