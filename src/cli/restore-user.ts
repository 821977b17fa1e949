import { Problem } from '../base/problem.ts'
import { sameSubject } from '../domain/subject.ts'
import { userAddress } from '../domain/user-content.ts'
import { expectSnapshot } from '../reconcile/reading.ts'
import { holdsUserData, userInSets, type UserCopy } from '../sets/user-in-sets.ts'
import { userRestoreView, type UserRestoreView } from '../views/user-restore.ts'
import type { Context } from './command.ts'
import { exitCode } from './exit-codes.ts'
import { setNamed } from './named.ts'
import { openForReading } from './open.ts'
import { toolsFor } from './recoverability-text.ts'
import { userRecovery } from './recovery-yaml.ts'
import { absoluteTime, section } from './render.ts'

export interface UserOptions {
  set?: string
  pool?: string
  sets: string
}

/** `holdfast restore user`: shows, and runs nothing. Throws Problem `user-not-in-set`, `user-in-two-pools`. */
export async function restoreUser(typed: string, options: UserOptions, context: Context): Promise<number> {
  const user = userAddress(typed)
  if (user === null)
    throw new Problem('usage', {
      subject: typed,
      message: 'This is not a SIP address.',
      hint: 'Write it as user@domain, with or without sip: before it.',
    })
  const most = Number(options.sets)
  if (!Number.isSafeInteger(most) || most < 1)
    throw new Problem('usage', { message: `--sets ${options.sets} is not a number of sets.`, hint: 'Write --sets 30.' })
  await using reading = await openForReading(context)
  const snapshot = expectSnapshot(reading)
  const { set } = options
  const all = set === undefined ? reading.sets.filter(holdsUserData).slice(0, most) : [setNamed(set, reading.sets)]
  const found = await userInSets(user, all, context.terminal.signal)
  const chosen = chosenCopy(user, found.copies, options.pool, all.length)
  const view = userRestoreView(
    snapshot,
    user,
    { ...found, searched: all.length },
    chosen,
    userRecovery({ user, pool: chosen.pool, from: chosen.set.id }, snapshot.now),
  )
  context.terminal.out(context.output === 'json' ? `${JSON.stringify(view)}\n` : userInWords(view, context))
  return exitCode.done
}

/**
 * The newest copy; of two pools in one set nobody but a person can say which is meant. Throws Problem `user-not-in-set`,
 * `user-in-two-pools`.
 */
export function chosenCopy(
  user: string,
  copies: readonly UserCopy[],
  pool: string | undefined,
  searched: number,
): UserCopy {
  const fitting = copies.filter((one) => pool === undefined || sameSubject(one.pool, pool))
  const [newest] = fitting
  if (!newest)
    throw new Problem('user-not-in-set', {
      subject: user,
      message:
        pool === undefined
          ? `None of the ${searched} sets that were read holds this user.`
          : `None of the ${searched} sets that were read holds this user in ${pool}.`,
      hint: 'Check the address: it is that of the time of the set. --sets reads more of them, --set ID one.',
    })
  const pools = fitting.filter(({ set }) => set.id === newest.set.id).map((one) => one.pool)
  if (pools.length > 1)
    throw new Problem('user-in-two-pools', {
      subject: user,
      message: `${newest.set.id} holds this user in ${pools.join(' and in ')}.`,
      hint: 'Name the pool whose copy is wanted with --pool.',
    })
  return newest
}

function userInWords(view: UserRestoreView, context: Context): string {
  const { isMarkdown, title, draw } = toolsFor(context)
  const rows = view.copies.map(({ set, startedAt, pool, contacts, conferences, verified }) => [
    ...[set, absoluteTime(startedAt), pool, `${contacts}`, `${conferences}`, verified ? 'content' : 'not yet'],
  ])
  const unread = view.unread.map(({ set, pool, message }) => `${set}, ${pool}: ${message}\n`)
  const yaml = isMarkdown ? `\`\`\`yaml\n${view.toCommit}\`\`\`\n` : view.toCommit
  return [
    section(
      title(`What the sets hold of ${view.user}`),
      draw(['SET', 'TAKEN', 'POOL', 'CONTACTS', 'CONFERENCES', 'VERIFIED'], rows),
    ),
    section(title('Exports that could not be read'), unread.join('')),
    section(
      title('In Git already'),
      view.declared
        .map(({ recovery, set, state, why }) => `${recovery}, from ${set}: ${[state, ...why].join('. ')}\n`)
        .join(''),
    ),
    section(title('To know'), view.notes.map((note) => `${note}\n`).join('')),
    section(title('To commit; nothing is run before it is merged'), yaml),
  ].join('')
}
