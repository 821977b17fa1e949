/** Exports of user data in a restore test: `Update-CsUserData -TestMode` says whether they could be applied, and changes nothing. */
import { Problem, toProblem } from '../base/problem.ts'
import type { BackupSet, ItemOutcome } from '../domain/backup-set.ts'
import type { TrialImport } from '../domain/restore-proofs.ts'
import { sameSubject } from '../domain/subject.ts'
import { deadline } from '../drivers/deadline.ts'
import { checkSet } from '../sets/check.ts'
import type { Tools } from './handler.ts'
import { bringFromSet } from './restore/from-set.ts'
import { nothingProved, type RestoreCheck } from './restore-check.ts'

/** The merge is slow, and so may the trial be: it must not keep the management host from what counts. */
const mostMinutes = 30
const mostTold = 300

/**
 * Tries each export of the set, one after the other. Lync Server 2013 has no such mode, so nothing is run there. What the cmdlet
 * says is no proof and no damage; that a file is not what its manifest says is.
 */
export async function tryImports(set: BackupSet, tools: Tools, signal: AbortSignal): Promise<RestoreCheck> {
  const found = nothingProved()
  for (const item of set.items.filter(({ kind, outcome }) => kind === 'user-data' && outcome === 'ok')) {
    const pool = item.subject
    if (productOf(pool, tools) === 'lync-server-2013') {
      found.trials.push({ pool, outcome: 'not-there', message: null })
      continue
    }
    try {
      found.trials.push(await tryOne(set, item, tools, signal))
    } catch (thrown) {
      signal.throwIfAborted()
      const problem = toProblem(thrown, pool)
      if (problem.code === 'artefact-damaged' || problem.code === 'set-damaged') {
        const { problems, damaged } = await checkSet(set, 'checksum', signal)
        if (problems.length > 0) return { ...found, checked: found.checked + 1, problems, damaged }
      }
      found.trials.push({ pool, outcome: 'complained', message: problem.message.slice(0, mostTold) })
    }
  }
  return found
}

/** Of a pool that the topology has no more nobody knows it: the cmdlet itself refuses a parameter that it does not have. */
function productOf(pool: string, { desired }: Tools): string | null {
  return desired.pools.find(({ fqdn }) => sameSubject(fqdn, pool))?.product ?? null
}

function tryOne(set: BackupSet, item: ItemOutcome, tools: Tools, outer: AbortSignal): Promise<TrialImport> {
  const { clock, shell } = tools.drivers
  return tools.limit({ kind: 'shellHost' }, outer, async () => {
    using limit = deadline(clock, mostMinutes * 60_000, () => late(item), outer)
    await using scratch = await shell.scratch()
    const { path: FileName } = await bringFromSet(set, item, scratch, { clock, signal: limit.signal })
    const parameters = { FileName, TestMode: true }
    const { errors } = await shell.call('test-user-data', parameters, limit.signal).catch((thrown: unknown) => {
      outer.throwIfAborted()
      throw limit.signal.aborted ? limit.signal.reason : thrown
    })
    const [first, ...others] = errors
    if (!first) return { pool: item.subject, outcome: 'passed', message: null }
    const more = others.length === 0 ? '' : ` (and ${others.length} more)`
    return { pool: item.subject, outcome: 'complained', message: `${first.message.slice(0, mostTold)}${more}` }
  })
}

function late({ subject }: ItemOutcome): Problem {
  return new Problem('look-timed-out', {
    subject,
    message: `It did not end within ${mostMinutes} minutes.`,
    hint: 'It only tries: nothing was changed.',
  })
}
