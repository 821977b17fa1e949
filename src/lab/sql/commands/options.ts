import { valueOf } from '../run/expression.ts'
import type { Frame } from '../run/frame.ts'
import type { Option } from '../tsql/ast.ts'

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
