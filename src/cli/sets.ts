import { Problem } from '../base/problem.ts'
import { formatSize } from '../base/units.ts'
import type { BackupSet } from '../domain/backup-set.ts'
import { distinct } from '../domain/subject.ts'
import { setsView } from '../views/sets.ts'
import type { AddCommand, Context } from './command.ts'
import { exitCode } from './exit-codes.ts'
import { markdownTable } from './markdown.ts'
import { policyNamed } from './named.ts'
import { openForReading, type Reading } from './open.ts'
import { describeSet, relativeTime } from './render.ts'
import { table } from './table.ts'

export const addSets: AddCommand = (program, run) => {
  program
    .command('sets')
    .argument('[set]', 'id of one set, to see its items')
    .option('--policy <policy>', 'only sets of this policy')
    .description('the backup sets on all locations, newest first')
    .action((set: string | undefined, { policy }: { policy?: string }) =>
      run((context) => printSets({ set, policy }, context)),
    )
}

interface Choice {
  set: string | undefined
  policy: string | undefined
}

async function printSets(choice: Choice, context: Context): Promise<number> {
  await using reading = await openForReading(context)
  const sets = chosen(reading, choice)
  if (choice.set !== undefined && sets.length === 0)
    throw new Problem('set-unknown', {
      subject: choice.set,
      message: 'No location holds such a set.',
      hint: 'holdfast sets lists them.',
    })
  if (context.output === 'json') context.terminal.out(`${JSON.stringify(setsView(sets))}\n`)
  else context.terminal.out(inWords(sets, choice, reading, context))
  return exitCode.done
}

/** Sets of a policy that Git no longer has are sets all the same. */
function chosen({ sets, desired }: Reading, { set, policy: typed }: Choice): BackupSet[] {
  const policies = (desired?.policies ?? []).map(({ name }) => name)
  const policy = typed && policyNamed(typed, distinct([...policies, ...sets.map((one) => one.policy)]))
  const same = (wanted: string | undefined, is: string): boolean =>
    wanted === undefined || wanted.toLowerCase() === is.toLowerCase()
  return sets.filter((one) => same(set, one.id) && same(policy, one.policy))
}

function inWords(sets: readonly BackupSet[], { set, policy }: Choice, { now }: Reading, { output }: Context): string {
  const [only] = sets
  if (set !== undefined && only && output === 'text') return `${describeSet(only)}\n`
  if (sets.length === 0) return policy === undefined ? 'There is no set yet.\n' : `There is no set of ${policy} yet.\n`
  const header = ['SET', 'STATE', 'AGE', 'ITEMS', 'SIZE', 'VERIFIED']
  const rows = sets.map((one) => row(one, now))
  return output === 'markdown' ? markdownTable(header, rows) : table(header, rows)
}

function row(set: BackupSet, now: string): string[] {
  const ok = set.items.filter(({ outcome }) => outcome === 'ok').length
  const proof = set.verifications.findLast(({ outcome }) => outcome === 'ok')
  return [
    set.id,
    set.state,
    relativeTime(set.startedAt, now).replace(/ ago$/, ''),
    `${ok}/${set.required.length}`,
    formatSize(set.bytes),
    proof?.level ?? 'no',
  ]
}
