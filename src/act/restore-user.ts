import { Problem } from '../base/problem.ts'
import type { ActionOf } from '../domain/action.ts'
import { itemKey, sameSubject } from '../domain/subject.ts'
import { lacking, thingsInWords, userAddress, type UserContent } from '../domain/user-content.ts'
import type { BackupSet, ItemOutcome } from '../domain/backup-set.ts'
import { userInExport } from '../sets/user-in-export.ts'
import { exportOf } from './collect/export-content.ts'
import { refuseErrors as refuseExportErrors } from './collect/export-errors.ts'
import type { Ending, Handler, Tools } from './handler.ts'
import { bringFromSet } from './restore/from-set.ts'
import { refuseErrors } from './restore/import-file.ts'

type Wanted = ActionOf<'restore-user'>

/**
 * Merges one user's contacts and conferences of a set into the living pool, and proves them by an export afterwards
 * ("Update-CsUserData"). What is all there already is not merged again. Throws Problem `user-not-in-set`,
 * `user-not-in-pool`, `import-came-short`, and what calls and files end with.
 */
export const restoreUser: Handler<Wanted> = {
  run: (action, tools, signal) => tools.limit({ kind: 'shellHost' }, signal, () => merge(action, tools, signal)),

  // It is begun again, and begins by looking at what is there.
  resolve: (action): Promise<Ending> =>
    Promise.resolve({ outcome: 'interrupted', message: 'The daemon ended in the middle of it.', set: action.set }),
}

async function merge(action: Wanted, tools: Tools, signal: AbortSignal): Promise<Ending> {
  const { subject: user, pool } = action
  const { set, copy } = copyOf(action, tools)
  refuseLost(action, tools)
  const { shell } = tools.drivers
  await using scratch = await shell.scratch()
  const { path: FileName, file } = await bringFromSet(set, copy, scratch, { clock: tools.drivers.clock, signal })
  // What was proved and will be merged: on the share there may be another file by now.
  const wanted = await userInExport(await scratch.here(file, signal), user, signal)
  if (!wanted) throw notInSet(user, `${set.id} does not hold this user in ${pool}.`)
  await refuseElsewhere(action, tools, signal)

  const before = await contentNow(action, tools, signal)
  const missed = lacking(wanted, before)
  const done = (how: string): Ending => ({ outcome: 'done', message: how, set: set.id })
  const held = `${thingsInWords(wanted)} as of ${set.startedAt}`
  if (isNothing(missed)) return done(`${user} has all of the ${held} already; nothing was merged.`)

  refuseErrors(
    { subject: user },
    'update-user-data',
    await shell.call('update-user-data', { FileName, UserFilter: user }, signal),
  )
  const after = await contentNow(action, tools, signal)
  const short = lacking(wanted, after)
  if (!isNothing(short))
    throw new Problem('import-came-short', {
      subject: user,
      message: `Update-CsUserData ran, and ${thingsInWords(short)} of ${set.id} are not in an export of ${pool} yet.`,
      hint: 'Look at the user in the Management Shell; contacts that are kept in Exchange are left out. It is tried again by itself.',
    })
  const more = lacking(after, wanted)
  const rest = isNothing(more) ? 'and nothing else' : `and ${thingsInWords(more)} beside, from after that`
  return done(`Update-CsUserData brought ${thingsInWords(missed)} back: ${user} has the ${held}, ${rest}.`)
}

function isNothing({ contacts, conferences }: UserContent): boolean {
  return contacts.length + conferences.length === 0
}

function copyOf({ set: id, pool, subject }: Wanted, tools: Tools): { set: BackupSet; copy: ItemOutcome } {
  const set = tools.sets().find((one) => one.id === id)
  const copy = set?.items.find((one) => itemKey(one) === itemKey({ kind: 'user-data', subject: pool }))
  if (set && copy?.outcome === 'ok') return { set, copy }
  throw notInSet(subject, `No location holds ${id} with user data of ${pool} any more.`)
}

function notInSet(user: string, message: string): Problem {
  return new Problem('user-not-in-set', {
    subject: user,
    message: `${message} Nothing was merged.`,
    hint: `holdfast restore user ${user} shows which sets do.`,
  })
}

/** A pool that is lost comes back as a whole, and then the user with it. */
function refuseLost({ subject, pool }: Wanted, tools: Tools): void {
  const why = tools.lost({ kind: 'user-data', subject: pool })
  if (why === null) return
  throw new Problem('user-not-in-pool', {
    subject,
    message: `${pool} is lost, or a part of it: ${why} Nothing was merged.`,
    hint: `holdfast recoverability ${pool} shows how it comes back.`,
  })
}

/** "-TargetPoolFqdn" is from 2015 on, and no test has met it: only the pool of the export is filled. */
async function refuseElsewhere({ subject, pool }: Wanted, tools: Tools, signal: AbortSignal): Promise<void> {
  let home: string | undefined
  const take = (value: unknown): Promise<void> => {
    const { SipAddress, RegistrarPool } = (value ?? {}) as Record<string, unknown>
    if (userAddress(textOf(SipAddress)) === subject) home ??= textOf(RegistrarPool)
    return Promise.resolve()
  }
  refuseErrors({ subject }, 'directory-users', await tools.drivers.shell.call('directory-users', {}, signal, take))
  if (home !== undefined && sameSubject(home, pool)) return
  throw new Problem('user-not-in-pool', {
    subject,
    message: `${home === undefined ? 'Get-CsUser does not list this user' : `This user is on ${home} now`}, and the export is that of ${pool}. Nothing was merged.`,
    hint: 'On Lync Server 2013 an export goes into its own pool only: move the user back first. Later versions have -TargetPoolFqdn, by hand.',
  })
}

/** Identities come as text, or as an object that has it. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  const { FriendlyName } = (value ?? {}) as { FriendlyName?: unknown }
  return typeof FriendlyName === 'string' ? FriendlyName : ''
}

/** What an export of the pool, which nobody keeps, holds of the user now. */
async function contentNow({ subject, pool }: Wanted, { drivers }: Tools, signal: AbortSignal): Promise<UserContent> {
  const item = { kind: 'user-data', subject: pool } as const
  const { call, parameters } = exportOf(item)
  await using scratch = await drivers.shell.scratch()
  const asked = { ...parameters(pool), FileName: scratch.path('user-data.zip') }
  refuseExportErrors(item, await drivers.shell.call(call, asked, signal))
  const there = await userInExport(await scratch.here('user-data.zip', signal), subject, signal)
  return there ?? { contacts: [], conferences: [] }
}
