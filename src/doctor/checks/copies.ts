import { join } from 'node:path'
import { Problem, systemCode } from '../../base/problem.ts'
import { formatSize } from '../../base/units.ts'
import type { BackupSet, ItemOutcome, SetProblem } from '../../domain/backup-set.ts'
import { itemKey } from '../../domain/subject.ts'
import type { Item } from '../../domain/words.ts'
import { fileProblem } from '../../drivers/files/problem.ts'
import { openPlainFile } from '../../drivers/files/small-file.ts'
import { checkSet } from '../../sets/check.ts'
import { filesBelow } from '../../sets/payload.ts'
import { onlyAfter, type Check } from '../check.ts'

/** Asks whether the copies of a recovery are there, whole as far as names and sizes say, and may be read from here. */
export function copyChecks(): (copy: { set: BackupSet; outcome: ItemOutcome }, share: Check) => Check {
  /** One look at a set, however many items come from it. */
  const looks = new Map<string, ReturnType<typeof checkSet>>()
  const look = (set: BackupSet, signal: AbortSignal): ReturnType<typeof checkSet> => {
    const known = looks.get(set.id) ?? checkSet(set, 'structure', signal)
    looks.set(set.id, known)
    return known
  }
  return ({ set, outcome }, share) => ({
    // By the artefact: a set may hold two of the same subject.
    ...{ name: 'file', subject: `${set.id}/${outcome.path}`, group: 'files', deadlineSeconds: 1800 },
    ...onlyAfter([share]),
    async attempt(signal) {
      const { problems, damaged } = await look(set, signal)
      if (damaged.some((item) => itemKey(item) === itemKey(outcome))) throw damagedProblem(set, outcome, problems)
      const isFolder = outcome.kind === 'file-store'
      if (!isFolder) await readEnds(join(set.path, ...outcome.path.split('/')))
      const opened = isFolder ? `; ${await openAll(set, outcome, signal)} of its files were opened` : ''
      return `${outcome.path} is there, ${formatSize(outcome.bytes)}, and may be read${opened}`
    },
  })
}

function damagedProblem(
  set: BackupSet,
  { kind, subject, path }: ItemOutcome,
  problems: readonly SetProblem[],
): Problem {
  const own = problems.filter(({ file }) => file === path || file.startsWith(`${path}/`))
  const [first = problems[0], ...others] = own
  const more = others.length > 0 ? ` (and ${others.length} more)` : ''
  const wanted: Item = { kind, subject }
  return new Problem('set-damaged', {
    subject: set.id,
    message: `The copy of ${wanted.kind} of ${wanted.subject} is not whole: ${first?.file ?? path}: ${first?.message ?? 'it is not what was written'}${more}.`,
    hint: `holdfast verify ${set.id} keeps that it is damaged: then a recovery uses the copy before it. Make a new one now: holdfast backup ${set.policy}`,
  })
}

/** So many files of a file store are opened: what its copy is made of has one owner, so the others are like them. */
const mostOpened = 500

/** Reads the first and the last byte of each file. Gives how many there were; it stops at `mostOpened`. */
async function openAll({ path: root }: BackupSet, { path }: ItemOutcome, signal: AbortSignal): Promise<number> {
  let opened = 0
  for await (const { file } of filesBelow(root, path)) {
    signal.throwIfAborted()
    if (opened === mostOpened) break
    await readEnds(file)
    opened += 1
  }
  return opened
}

async function readEnds(path: string): Promise<void> {
  try {
    const { handle, size } = await openPlainFile(path, Number.MAX_SAFE_INTEGER)
    await using file = handle
    await file.read(Buffer.alloc(1), 0, 1, 0)
    await file.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1))
  } catch (thrown) {
    throw systemCode(thrown) === null ? thrown : fileProblem(thrown, path, 'Reading')
  }
}
