import { formatSize } from '../base/units.ts'
import type { BackupSet } from '../domain/backup-set.ts'
import { distinct } from '../domain/subject.ts'
import { setsView } from '../views/sets.ts'
import type { AddCommand, Context } from './command.ts'
import { exitCode } from './exit-codes.ts'
import { policyNamed, setNamed } from './named.ts'
import type { Reading } from '../reconcile/reading.ts'
import { openForReading } from './open.ts'
import { absoluteTime, describeSet, relativeTime, requiredOk, tableFor } from './render.ts'
import { printSetsDiff } from './sets-diff.ts'

export const addSets: AddCommand = (program, run) => {
  program
    .command('sets')
    .argument('[set]', 'id of one set, to see its items')
    .option('--policy <policy>', 'only sets of this policy')
    .option('--diff <sets...>', 'what differs between two sets')
    .description('the backup sets on all locations, newest first')
    .action((set: string | undefined, { policy, diff }: { policy?: string; diff?: string[] }) =>
      run((context) =>
        diff
          ? printSetsDiff(diff, set !== undefined || policy !== undefined, context)
          : printSets({ set, policy }, context),
      ),
    )
}

interface Choice {
  set: string | undefined
  policy: string | undefined
}

async function printSets(choice: Choice, context: Context): Promise<number> {
  await using reading = await openForReading(context)
  const sets = chosen(reading, choice)
  if (choice.set !== undefined) setNamed(choice.set, sets)
  if (context.output === 'json') context.terminal.out(`${JSON.stringify(setsView(sets, reading.snapshot))}\n`)
  else context.terminal.out(inWords(sets, choice, reading, context))
  return exitCode.done
}

/** Sets of a policy that Git no longer has are sets all the same. */
function chosen({ sets, snapshot }: Reading, { set, policy: typed }: Choice): BackupSet[] {
  const policies = (snapshot?.desired.policies ?? []).map(({ name }) => name)
  const policy = typed && policyNamed(typed, distinct([...policies, ...sets.map((one) => one.policy)]))
  const same = (wanted: string | undefined, is: string): boolean =>
    wanted === undefined || wanted.toLowerCase() === is.toLowerCase()
  return sets.filter((one) => same(set, one.id) && same(policy, one.policy))
}

function inWords(
  sets: readonly BackupSet[],
  { set, policy }: Choice,
  { ground: { now }, snapshot }: Reading,
  context: Context,
): string {
  const [only] = sets
  const { output, terminal } = context
  const unseen = setsView(sets, snapshot).unseen.map(
    ({ location, since, message }) =>
      `NOT SEEN since ${absoluteTime(since)}: ${location}. ${message} What is on it is shown as last seen.\n\n`,
  )
  if (set !== undefined && only && output === 'text')
    return `${unseen.join('')}${describeSet(only, terminal.columns)}\n`
  if (sets.length === 0) return `${unseen.join('')}There is no set${policy === undefined ? '' : ` of ${policy}`} yet.\n`
  const header = ['SET', 'STATE', 'AGE', 'ITEMS', 'SIZE', 'VERIFIED']
  const rows = sets.map((one) => row(one, now))
  return `${unseen.join('')}${tableFor(context)(header, rows)}`
}

function row(set: BackupSet, now: string): string[] {
  const proof = set.verifications.findLast(({ outcome }) => outcome === 'ok')
  return [
    set.id,
    set.state,
    relativeTime(set.startedAt, now).replace(/ ago$/, ''),
    `${requiredOk(set)}/${set.required.length}`,
    formatSize(set.bytes),
    proof?.level ?? 'no',
  ]
}
