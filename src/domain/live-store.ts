import { matchesGlob } from './glob.ts'
import type { FileStore } from './model.ts'
import type { Skip } from './not-taken.ts'
import { fileStoreSubject, sameSubject } from './subject.ts'
import { isVolumeFolder } from './volume-folders.ts'
import type { Subject } from './words.ts'

const spool = /^\d+-CentralMgmt-\d+\/CMSFileStore$/i
const addressBook = /^\d+-WebServices-\d+\/ABFiles(?:\/|$)/i
const lockedWhileMeeting = /(?:^|\/)Meeting\.Active$/i

/**
 * Why something in a file store that is in use is not content, or null when it is. `name` is relative to the share,
 * with `/`. Sources: Backing up file stores (`Meeting.Active` is locked while a meeting runs); the replication spool of
 * the Central Management store churns constantly and holds copies of what `Export-CsConfiguration` brings.
 */
export function liveStoreSkip(name: string, kind: 'file' | 'folder' | 'link' | 'other'): Skip | null {
  if (kind !== 'file' && isVolumeFolder(name))
    return { reason: 'volume-folder', why: 'of the volume itself, not content' }
  if (kind === 'file' && lockedWhileMeeting.test(name))
    return { reason: 'rule', why: 'locked during a meeting, and of no use after it' }
  if (kind === 'folder' && spool.test(name))
    return { reason: 'rule', why: 'replication spool of the Central Management store, not content' }
  return null
}

/** The same with what Git excludes of this store; asked of each name, so the patterns are found once. */
export function storeSkip(subject: Subject, stores: readonly FileStore[]): typeof liveStoreSkip {
  const excluded = stores
    .filter((store) => sameSubject(fileStoreSubject(store), subject))
    .flatMap(({ exclude }) => exclude)
  if (excluded.length === 0) return liveStoreSkip
  return (name, kind) => {
    const byRule = liveStoreSkip(name, kind)
    const byGit = byRule === null ? excluded.find(({ pattern }) => matchesGlob(pattern, name)) : undefined
    return byGit ? { reason: 'excluded', why: `excluded by ${byGit.pattern}: ${byGit.reason}` } : byRule
  }
}

/** The server makes it anew: that it could not be read spoils no copy (domain reference, 6.14). */
export function isMadeAnew(name: string): boolean {
  return addressBook.test(name)
}
