import { readdir } from 'node:fs/promises'
import { systemCode, type Problem } from '../../base/problem.ts'
import type { Clock } from '../../base/clock.ts'
import { fileProblem, isUnreachable, nameless, oddityOf } from './problem.ts'
import { noSuchShare, windowsError } from './windows-error.ts'

/**
 * Whether a call that failed with this code of the system says that the whole share is gone, whose root is here. An error
 * without a name may be one of the network, or one of this file alone: then the root is looked at.
 */
export async function isShareLost(system: string | null, root: string): Promise<boolean> {
  if (system !== nameless) return isUnreachable(system)
  return readdir(root).then(
    () => false,
    () => true,
  )
}

/**
 * Why the root of a share could not be looked at, as a Problem: `file-gone` only where somebody said so. Of an error
 * without a name Windows is asked; what it does not say is `share-unreachable`.
 */
export async function shareProblem(thrown: unknown, root: string, clock: Clock, signal: AbortSignal): Promise<Problem> {
  const doing = 'Looking at'
  if (systemCode(thrown) !== nameless || !(await isShareLost(nameless, root))) return fileProblem(thrown, root, doing)
  const number = await windowsError(root, clock, signal)
  if (number === 0) return fileProblem(thrown, root, doing)
  return fileProblem(thrown, root, doing, {
    code: number === noSuchShare ? 'file-gone' : 'share-unreachable',
    reason: number === null ? nameless : `${nameless}, Windows error ${number}`,
  })
}

/**
 * Why one entry of a share could not be read, as the rest of a sentence about it. Throws again what says something of the
 * share as a whole, whose root is here.
 */
export async function whyOdd(thrown: unknown, root: string): Promise<string> {
  const oddity = oddityOf(thrown)
  if (oddity !== null) return oddity
  const code = systemCode(thrown)
  if (code === null || (await isShareLost(code, root))) throw thrown
  return `cannot be read (${code})`
}
