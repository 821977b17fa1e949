/** What the shell host may say (docs/shell-protocol.md). Further fields are welcome, other shapes are not. */
import { z } from 'zod'
import { protocolVersion } from './calls.ts'
import { broken } from './records.ts'

const protocol = z.object({ hello: z.object({ protocol: z.number() }) })
const hello = z.object({
  hello: z.object({
    protocol: z.number(),
    script: z.string(),
    /** Never 0 or 1: a signal to those would reach far more than the shell host. */
    pid: z.int().min(2),
    engine: z.string(),
    culture: z.string(),
    /** Loaded. */
    modules: z.array(z.string()),
    /** Installed, and not loaded: the reason by module. */
    failed: z.record(z.string(), z.string()),
  }),
})

/** `id` is empty where that of the request could not be read. */
const event = z.discriminatedUnion('event', [
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

/** Throws `shell-protocol` also for a hello of another version. */
export function readHello(text: string): Hello {
  const version = read(protocol, text).hello.protocol
  if (version !== protocolVersion)
    throw broken(`it speaks version ${version} of it, and version ${protocolVersion} is needed.`)
  return read(hello, text).hello
}

/** Whether a line that is no message is the hello of version 1, whose lines bore no mark. */
export function isUnmarkedHello(line: string): boolean {
  return /^\s*\{\s*"hello"/.test(line)
}

export function readEvent(text: string): ShellEvent {
  return read(event, text)
}

function read<T>(schema: z.ZodType<T>, text: string): T {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (thrown) {
    throw broken(`${excerpt(text)} is not JSON.`, thrown)
  }
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw broken(`${excerpt(text)} is not one of its messages.`, result.error)
}

function excerpt(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}...` : text)
}
