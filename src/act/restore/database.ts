import { Problem, toProblem } from '../../base/problem.ts'
import { uncPath, type ItemOutcome } from '../../domain/backup-set.ts'
import { believableUntil } from '../../domain/clock-skew.ts'
import { parseDatabase, sameSubject, sqlSubject } from '../../domain/subject.ts'
import type { Time } from '../../base/time.ts'
import type { Item } from '../../domain/words.ts'
import { holdsBackup, whyNotRestored } from '../../drivers/sql/contents.ts'
import type { DatabaseContents, SqlAddress, SqlServer, TapeFacts } from '../../drivers/sql/sql-server.ts'
import { proveFile } from '../../sets/proven.ts'
import type { Tools } from '../handler.ts'
import { addressesOf } from '../sql-addresses.ts'
import type { RestoreContext, Restored, Restorer } from './restorer.ts'

/**
 * RESTORE over the empty database that `Install-CsDatabase` made ("Restoring monitoring or archiving data", "Restoring
 * Persistent Chat data"), on the instance that is published: with both partners of a mirror lost, the restore comes before
 * the mirror. Grants nothing: who may use the database came with it, or is told to be missing.
 */
export const restoreDatabase: Restorer = {
  resource: (item, tools) => ({ kind: 'sqlInstance', subject: sqlSubject(placeOf(item, tools).address) }),

  async restore(item, { set, copy, tools, accepts, lostSince, signal, onPercent }) {
    const { address, database } = placeOf(item, tools)
    const server = tools.drivers.sql(address)
    const path = uncPath(set, copy.path)
    // SQL Server reads the share by itself: what it reads has to be what was verified, before and after.
    const file = await proveFile(set, copy.path, {
      ...{ clock: tools.drivers.clock, signal },
      onPercent: (percent) => onPercent(percent, true),
    })
    onPercent(0)
    const header = await server.header(path, signal)
    refuseOther(item, database, header)
    const present = await server.contents(database, signal)
    if (present && holdsBackup(present, header)) {
      if (present.userAccess !== 'MULTI_USER') await server.giveBack(database)
      return { ...(await prove(item, copy, server, 'it was back already', signal)), resumed: true }
    }
    const refuse = (contents: DatabaseContents): void => {
      refuseOlder(item, contents, { lostSince, now: tools.drivers.clock.now(), accepts })
      if (!accepts('rows-since-rebuild')) refuseRows(item, contents)
    }
    await server.restoreOver({ database, path }, { signal, refuse, onProgress: onPercent })
    await file.expectSame(signal)
    return await prove(item, copy, server, `restored on ${server.subject}`, signal)
  },
}

function placeOf(item: Item, tools: Tools): { address: SqlAddress; database: string } {
  const parts = parseDatabase(item.subject)
  const [address] = addressesOf(item, tools)
  if (parts && address) return { address, database: parts.database }
  throw new Problem('unexpected', { subject: item.subject, message: 'This is not a database.' })
}

function refuseOther(item: Item, database: string, header: TapeFacts): void {
  const why = whyNotRestored(database, header)
  if (why === null) return
  throw new Problem('sql-backup-wrong', {
    subject: item.subject,
    message: `Nothing was restored from it, for ${why}.`,
    hint: 'Choose an older set, and look at what wrote into this one.',
  })
}

/** The gate asked it of what was seen some minutes ago; reading a backup may have taken hours since. */
function refuseOlder(
  { subject }: Item,
  { facts: { createdAt } }: DatabaseContents,
  { lostSince, now, accepts }: Pick<RestoreContext, 'lostSince' | 'accepts'> & { now: Time },
): void {
  const isKnown = createdAt !== null && createdAt <= believableUntil(now)
  if (isKnown ? createdAt >= lostSince : accepts('database-age-unknown')) return
  const wrong = createdAt === null ? '' : ` (${createdAt} is still to come)`
  const age = isKnown ? `It was created at ${createdAt}` : `When it was created is not known${wrong}`
  throw new Problem('database-older', {
    subject,
    message: `${age}, and the loss was at ${lostSince}: it may be the live one. Nothing was touched.`,
    hint: 'Make sure which server answers under this name. A database that was made anew after the loss is restored.',
  })
}

/** What setup itself puts into a new database, and what a service writes in its first moments. */
const handful = 100

/** What broke off while it was restored holds nothing; what is neither that nor open cannot be counted. */
function refuseRows({ subject }: Item, { facts, rows }: DatabaseContents): void {
  if (facts.state === 'RESTORING' || (rows !== null && rows <= handful)) return
  const held = rows === null ? `It is ${facts.state}, so its rows cannot be counted` : `It holds ${rows} rows`
  throw new Problem('rows-since-rebuild', {
    subject,
    message: `${held}: a restore would throw them away.`,
    hint: 'Where they may go: accept: [rows-since-rebuild] in the Recovery. Stop the services that write into it first.',
  })
}

async function prove(
  item: Item,
  { database: recorded }: ItemOutcome,
  server: SqlServer,
  how: string,
  signal: AbortSignal,
): Promise<Restored> {
  const { database } = parseDatabase(item.subject) ?? { database: '' }
  const contents = await server.contents(database, signal)
  if (contents?.facts.state !== 'ONLINE' || contents.rows === null)
    throw notThere(item, `it is ${contents?.facts.state ?? 'not there'}`)
  if (contents.userAccess !== 'MULTI_USER') throw notThere(item, `it is ${contents.userAccess}`)
  const { rows, facts } = contents
  const model =
    recorded && recorded.recoveryModel !== facts.recoveryModel
      ? `its recovery model is ${facts.recoveryModel}, and was ${recorded.recoveryModel}`
      : null
  const told = [how, `${rows} rows`, model, await tellAccess(database, server, signal)]
  return { message: told.filter((one) => one !== null).join('; '), counts: { rows } }
}

function notThere(item: Item, why: string): Problem {
  return new Problem('sql-restore-failed', {
    subject: item.subject,
    message: `It was restored, but ${why}.`,
    hint: 'Look at what else works on this instance, and ask for the restore again.',
  })
}

const group = 'RTCComponentUniversalServices'
const role = 'ServerRole'

/** The vendor's check of the access list after a restore; null: as it should be. It warns, and decides nothing. */
async function tellAccess(database: string, server: SqlServer, signal: AbortSignal): Promise<string | null> {
  try {
    const members = await server.roleMembers({ database, role }, signal)
    const isIn = members.some((name) => sameSubject(name.replace(/^.*\\/, ''), group))
    return isIn ? null : `${group} is not seen in its role ${role}: add it`
  } catch (thrown) {
    signal.throwIfAborted()
    return `whether ${group} is in its role ${role} could not be seen: ${toProblem(thrown).message}`
  }
}
