import { Problem } from '../../base/problem.ts'
import type { ItemOutcome } from '../../domain/backup-set.ts'
import { compare, countNow, proveByCount, told, type Counts } from './count-now.ts'
import { importFile } from './import-file.ts'
import type { Restorer } from './restorer.ts'

/** Elements that an export of an empty database may have. */
const handful = 20
/** What nobody but people, or an import, puts there. */
const ofPeople = ['rooms', 'messages']

/**
 * "Restoring Persistent Chat data": the import adds to what is there, so a second one would double it. It is counted first:
 * what is there whole is not imported again, and what is there in part is refused.
 */
export const persistentChat: Restorer = {
  resource: () => ({ kind: 'shellHost' }),
  async restore(_item, context) {
    const { copy, tools, accepts, signal } = context
    const before = await countNow(copy, tools, signal)
    if (isWhole(copy, before)) {
      const told = await proveByCount(context)
      return {
        ...told,
        resumed: true,
        message: `All of it is there already, and it was not imported again. ${told.message}`,
      }
    }
    refusePart(copy, before, accepts('rows-since-rebuild'))
    const done = await importFile('persistent-chat', context)
    const { message, counts = {} } = await proveByCount(context)
    return { message: `${done} ${message}`, counts }
  },
}

function isWhole({ counts }: ItemOutcome, now: Counts): boolean {
  const compared = compare(counts, now)
  return compared.length > 0 && compared.every((one) => one.now >= one.then)
}

/** Rows that a rebuilt pool gathers by itself may be accepted; rooms and messages come from an import or from people. */
function refusePart({ subject, counts }: ItemOutcome, now: Counts, isAccepted: boolean): void {
  const isUsed = ofPeople.some((what) => (now[what] ?? 0) > 0)
  const isFresh = now['elements'] !== undefined && now['elements'] <= handful
  if (!isUsed && (isFresh || isAccepted)) return
  const there = compare(counts, now).map(told).join(', ')
  throw new Problem('persistent-chat-not-empty', {
    subject,
    message: `The database is not empty, and does not hold all of the set: ${there || 'what is there cannot be counted'}. Nothing was imported.`,
    hint: 'The import adds to what is there. Make the database anew, or import by hand.',
  })
}
