import { firstThrown, Problem, systemCode, toProblem } from '../base/problem.ts'
import { fileCode, fileProblem } from '../drivers/files/problem.ts'

/**
 * Whatever ended a command, as a Problem. A call of the file system that nobody foresaw names at least its path, and what
 * to do: a folder of another account or a read-only volume is no fault of ours.
 */
export function problemOf(outermost: unknown): Problem {
  const thrown = firstThrown(outermost)
  const call = fileCallOf(thrown)
  if (call === null || fileCode(thrown) === 'file-failed') return toProblem(thrown)
  return fileProblem(thrown, call.path, `The call ${call.name} on`)
}

/** The call of the file system that failed, as Node tells it; null when it was none. Starting a program has a path, too. */
function fileCallOf(thrown: unknown): { name: string; path: string } | null {
  if (thrown instanceof Problem || systemCode(thrown) === null) return null
  const { syscall: name, path } = thrown as NodeJS.ErrnoException
  if (name === undefined || path === undefined || /^(spawn|connect|listen)/.test(name)) return null
  return { name, path }
}
