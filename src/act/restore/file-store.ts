import { join } from 'node:path'
import { Problem } from '../../base/problem.ts'
import { formatSize } from '../../base/units.ts'
import { isGap, type NotTakenReason } from '../../domain/not-taken.ts'
import { whileMoving } from '../../drivers/files/moving.ts'
import { readListing } from '../../sets/listing-reading.ts'
import { putStoreBack, type StoreBack } from '../../sets/put-store-back.ts'
import { lostStoreMount } from '../store-mount.ts'
import type { Restorer } from './restorer.ts'

/**
 * A file store back to the identical path, each file proved against the manifest before it has its name ("Restoring the file
 * store"). The share must be there; nothing in it is replaced or deleted.
 */
export const restoreFileStore: Restorer = {
  resource: (item) => ({ kind: 'share', subject: item.subject }),

  async restore({ subject }, { set, copy, tools, signal, onPercent }) {
    const to = tools.drivers.localPath(subject)
    const lost = await lostStoreMount(subject, to, tools)
    if (lost !== null)
      throw new Problem('file-store-not-restored', {
        subject,
        message: `Nothing is mounted at ${lost}, where the share was at its last backup.`,
        hint: 'Mount the share again; nothing was written.',
      })
    const store = await whileMoving(to, signal, tools.drivers.clock, async (stop, steps) => {
      const listing = await readListing(set, copy)
      return putStoreBack(listing, join(set.path, copy.path), to, {
        ...{ signal: stop, steps, onPercent: rising(onPercent) },
        expectOurs: () => tools.expectOurs(),
      })
    })
    if (store.failed.count > 0) throw notRestored(subject, store)
    const { back, there, beyond } = store
    const counts = { files: back.files, bytes: back.bytes, there: there.files, beyond: beyond.files + beyond.folders }
    return { message: tell(store), counts, ...(there.files > 0 && { resumed: true }) }
  },
}

/** Each percent once. */
function rising(onPercent: (percent: number) => void): (percent: number) => void {
  let last = 0
  return (percent) => {
    if (percent <= last) return
    last = percent
    onPercent(percent)
  }
}

function tell({ back, there, beyond, leftOut, untimed }: StoreBack): string {
  const unknown = [counted(beyond.folders, 'folder'), counted(beyond.files, 'file')].filter((text) => text !== null)
  const gaps = [...leftOut].reduce((sum, [reason, count]) => (isGap(reason as NotTakenReason) ? sum + count : sum), 0)
  return [
    `${counted(back.files, 'file') ?? 'no file'} with ${formatSize(back.bytes)} ${is(back.files)} back, each proved against the manifest`,
    there.files > 0 && `${figure(there.files)} ${there.files === 1 ? 'was' : 'were'} there already`,
    gaps > 0 && `${figure(gaps)} could not be read when the set was made, and ${is(gaps)} not in it`,
    unknown.length > 0 &&
      `${unknown.join(' and ')} that the set does not know ${is(beyond.files + beyond.folders)} there too`,
    untimed > 0 && `${figure(untimed)} ${untimed === 1 ? 'has' : 'have'} a new time, for the share keeps none`,
  ]
    .filter((part) => part !== false)
    .join('; ')
}

function notRestored(subject: string, { back, there, failed }: StoreBack): Problem {
  const more = failed.count > failed.names.length ? `; and ${figure(failed.count - failed.names.length)} more` : ''
  return new Problem('file-store-not-restored', {
    subject,
    message: `${figure(failed.count)} of it ${is(failed.count)} not back: ${failed.names.join('; ')}${more}. ${counted(back.files + there.files, 'file') ?? 'No file'} ${is(back.files + there.files)} there, each proved against the manifest.`,
    hint: 'Nothing that was there was replaced. Move away what differs, or restore from another set, and let it be tried again.',
  })
}

/** Null where there is none. */
function counted(count: number, what: string): string | null {
  return count === 0 ? null : `${figure(count)} ${what}${count === 1 ? '' : 's'}`
}

function is(count: number): string {
  return count < 2 ? 'is' : 'are'
}

/** `20,000` */
function figure(count: number): string {
  return count.toLocaleString('en-US')
}
