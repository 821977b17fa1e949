import { Problem, systemCode } from '../../base/problem.ts'
import type { ProblemCode } from '../../base/problem-codes.ts'

const full = new Set(['ENOSPC', 'EDQUOT'])
const denied = new Set(['EACCES', 'EPERM', 'EROFS'])
const busy = new Set(['EBUSY', 'ETXTBSY', 'EAGAIN'])
const gone = new Set(['ENOENT', 'ENOTDIR'])
/** What only a file system over a network says; that a handle is stale proves nothing of what is on the share. */
const unreachable = new Set([
  ...['ESTALE', 'ENOTCONN', 'EHOSTDOWN', 'EHOSTUNREACH', 'ENETDOWN', 'ENETUNREACH'],
  ...['ETIMEDOUT', 'ECONNRESET', 'ECONNABORTED', 'ECONNREFUSED'],
])

const hints: Partial<Record<ProblemCode, string>> = {
  'file-no-space': 'Make room on that volume; nothing that was complete is touched by this.',
  'file-denied':
    'Give the account that runs Holdfast the right to read and write there (share and file system), or run it as the account that owns it; a volume must be mounted for writing.',
  'file-busy': 'Another program has it open, often a virus scanner. It is retried automatically.',
  'file-gone': 'Check the path, and that the share is connected; the next attempt starts over.',
  'share-unreachable':
    'Check that the machine of the share runs, and connect the share again; the next attempt starts over.',
  'file-failed': 'Look at the disk and at the connection to the share.',
}

/** Whether it says that the machine of a share, or the connection to it, is gone. */
export function isUnreachable(system: string | null): boolean {
  return unreachable.has(system ?? '')
}

/** Which of our codes a failed call of the file system means. */
export function fileCode(thrown: unknown): ProblemCode {
  const code = systemCode(thrown) ?? ''
  if (full.has(code)) return 'file-no-space'
  if (denied.has(code)) return 'file-denied'
  if (busy.has(code)) return 'file-busy'
  if (gone.has(code)) return 'file-gone'
  return unreachable.has(code) ? 'share-unreachable' : 'file-failed'
}

/** No right to it, or somebody holds it open: systems do not distinguish the two well. */
export function isRefused(thrown: unknown): boolean {
  const code = fileCode(thrown)
  return code === 'file-denied' || code === 'file-busy'
}

/** The code of the errors for which Node on Windows has no name: of a network, or of a disk. */
export const nameless = 'UNKNOWN'

/** Whether a failed reading says nothing of what was to be read: it was refused, or the way to it may have been cut. */
export function provesNothing(code: ProblemCode, system: string | null): boolean {
  return code === 'file-denied' || code === 'file-busy' || code === 'share-unreachable' || system === nameless
}

/** What a failed call means: by its code, or by a second look. `reason`: the code of the system. */
interface Meaning {
  code: ProblemCode
  reason: string
}

function meaningOf(thrown: unknown): Meaning {
  const reason = systemCode(thrown) ?? (thrown instanceof Error ? thrown.message : String(thrown))
  return { code: fileCode(thrown), reason }
}

/** A failed call of the file system, as a Problem about `path`; a Problem stays what it is. */
export function fileProblem(thrown: unknown, path: string, doing: string, meaning = meaningOf(thrown)): Problem {
  if (thrown instanceof Problem) return thrown
  const { code, reason } = meaning
  const hint = hints[code]
  return new Problem(code, {
    subject: path,
    message: `${doing} ${path} failed (${reason}).`,
    ...(hint === undefined ? {} : { hint }),
    cause: thrown,
  })
}

/** Something on a share is not what its name says. `what`: the rest of a sentence about it. */
class OddEntry extends Problem {
  readonly what: string

  constructor(path: string, what: string) {
    super('share-entry-odd', {
      subject: path,
      message: `${path} ${what}.`,
      hint: 'Holdfast makes no such thing. See who wrote it there, and move it away.',
    })
    this.what = what
  }
}

export function oddEntry(path: string, what: string): Problem {
  return new OddEntry(path, what)
}

/** What an odd entry is, as the rest of a sentence about it; null for any other error. */
export function oddityOf(thrown: unknown): string | null {
  return thrown instanceof OddEntry ? thrown.what : null
}
