/** What the shell host may say (docs/shell-protocol.md). Further fields are welcome, other shapes are not. */
import { z } from 'zod'
import { broken } from './lines.ts'

const hello = z.object({
  hello: z.object({
    protocol: z.number(),
    script: z.string(),
    /** Never 0 or 1: a signal to those would reach far more than the shell host. */
    pid: z.int().min(2),
    engine: z.string(),
    culture: z.string(),
    modules: z.array(z.string()),
  }),
})

const event = z.discriminatedUnion('event', [
  z.object({ id: z.string(), event: z.literal('progress'), activity: z.string(), percent: z.number() }),
  z.object({ id: z.string(), event: z.literal('object'), value: z.unknown() }),
  z.object({ id: z.string(), event: z.literal('warning'), message: z.string() }),
  z.object({
    id: z.string(),
    event: z.literal('error'),
    message: z.string(),
    category: z.string(),
    terminating: z.boolean(),
  }),
  z.object({ id: z.string(), event: z.literal('end'), ok: z.boolean() }),
])

export type Hello = z.infer<typeof hello>['hello']
export type ShellEvent = z.infer<typeof event>

export function readHello(line: string): Hello {
  return read(hello, line).hello
}

export function readEvent(line: string): ShellEvent {
  return read(event, line)
}

function read<T>(schema: z.ZodType<T>, line: string): T {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (thrown) {
    throw broken(`${excerpt(line)} is not JSON.`, thrown)
  }
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw broken(`${excerpt(line)} is not one of its messages.`, result.error)
}

function excerpt(line: string): string {
  return JSON.stringify(line.length > 120 ? `${line.slice(0, 120)}...` : line)
}
