import { EngineError } from '../errors.ts'
import { valueOf } from '../run/expression.ts'
import type { Frame } from '../run/frame.ts'
import type { Expression, Option } from '../tsql/ast.ts'

export function hasOption(options: readonly Option[], name: string): boolean {
  return options.some((option) => option.name === name)
}

/** The text of an option such as NAME, or null. */
export function textOption(options: readonly Option[], name: string, frame: Frame): string | null {
  const option = options.find((candidate) => candidate.name === name)
  return option?.value ? String(valueOf(option.value, frame)) : null
}

/** STATS = n: every how many percent progress is told; 10 where it is not said. */
export function progressStep(options: readonly Option[], frame: Frame): number {
  return Math.min(Math.max(Number(textOption(options, 'stats', frame) ?? 10) || 10, 1), 100)
}

/** The one device of a statement; more than one is not simulated. */
export function deviceOf(devices: readonly Expression[], frame: Frame): string {
  const [device] = devices
  const path = device ? valueOf(device, frame) : null
  if (typeof path !== 'string' || path === '' || devices.length !== 1) throw new EngineError(3044)
  return path
}

/** The last message of a BACKUP or RESTORE that went well, and its end. */
export function sendSummary(verb: string, pages: number, seconds: number, frame: Frame): void {
  const time = Math.max(seconds, 0.001)
  frame.sink.info(3014, verb, pages, time.toFixed(3), (pages / 128 / time).toFixed(3))
  frame.sink.done(null)
}
