import { Problem } from '../base/problem.ts'
import { readConfig } from '../config/config.ts'
import { levels, type Level, type SetId } from '../domain/words.ts'
import { verifyView } from '../views/verify.ts'
import { ask, type Asked } from '../reconcile/asking.ts'
import type { AddCommand, Context } from './command.ts'
import { problemOfAnswer } from './answered.ts'
import { asking } from './asking.ts'
import { exitCode } from './exit-codes.ts'
import { openForReading } from './open.ts'

export const addVerify: AddCommand = (program, run) => {
  program
    .command('verify')
    .argument('[set]', 'id of a set; without it, each that has a commit record')
    .option('--level <level>', levels.join(', '), 'checksum')
    .description('check sets against their manifests')
    .action((set: string | undefined, { level }: { level: string }) => run((context) => verify(set, level, context)))
}

async function verify(set: SetId | undefined, text: string, context: Context): Promise<number> {
  const level = levels.find((one) => one === text)
  if (!level)
    throw new Problem('usage', { message: `--level ${text} is no level.`, hint: `Use one of ${levels.join(', ')}.` })
  const config = await readConfig(context.configFile)
  const ids = await chosen(set, context)
  const asked = await ask(
    ids.map((id) => ({ verify: id, level })),
    config,
    asking(context, { wait: true }),
  )
  const { view, failure } = resultsOf(asked, level)
  if (failure === null || view.results.length > 0) {
    if (context.output === 'json') context.terminal.out(`${JSON.stringify(view)}\n`)
    else print(view, level, context)
  }
  if (failure) throw failure
  return isDamaged(view) ? exitCode.failed : exitCode.done
}

type View = ReturnType<typeof verifyView>

/** What was found, and beside it why some set could not be checked: it may expire while its turn has not come. */
export function resultsOf(asked: readonly Asked[], level: Level): { view: View; failure: Problem | null } {
  const done = asked.flatMap(({ answer }) => (answer?.outcome === 'done' ? [answer] : []))
  const view = verifyView(done.map(({ set, problems }) => ({ set: set ?? '', level, problems: problems ?? [] })))
  const [first, ...more] = asked.filter(({ answer }) => answer?.outcome !== 'done')
  if (!first) return { view, failure: null }
  const { request, answer } = first
  const subject = 'verify' in request.wish ? (request.wish.verify ?? '') : ''
  const one = problemOfAnswer(answer, subject, 'verify-failed')
  const isAlone = more.length === 0 && view.results.length === 0
  if (isAlone && one.code !== 'verify-failed') return { view, failure: one }
  const others = more.length === 0 ? '' : ` (nor could ${more.length} more)`
  const failure = new Problem(isDamaged(view) ? 'verify-failed' : one.code, {
    subject,
    message: `The set could not be checked${others}: ${one.message}`,
  })
  return { view, failure }
}

function isDamaged({ results }: View): boolean {
  return results.some(({ outcome }) => outcome === 'damaged')
}

/** The set asked for, or each that has a commit record. */
async function chosen(set: SetId | undefined, context: Context): Promise<SetId[]> {
  if (set !== undefined) return [set]
  await using reading = await openForReading(context)
  return reading.sets.filter(({ finishedAt }) => finishedAt !== null).map(({ id }) => id)
}

function print(view: View, level: Level, { terminal }: Context): void {
  for (const { set, outcome, problems } of view.results) {
    terminal.out(`${outcome === 'ok' ? 'ok     ' : 'DAMAGED'}  ${set}  (${level})\n`)
    for (const problem of problems) terminal.out(`         ${problem.file}: ${problem.message}\n`)
  }
  if (view.results.length === 0) terminal.out('There is no set with a commit record yet.\n')
}
