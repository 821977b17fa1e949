import {
  chmodSync,
  closeSync,
  cpSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { Bench, Break } from './break.ts'
import { filesBelow, findSet, payloadToBreak, setIds } from './backup-folders.ts'
import { changeModes, isMounted, isRoot, mount, unmount, unreadableFile } from './mounts.ts'
import { putAside, putBack } from './put-aside.ts'
import { folderOf } from './shares.ts'
import { same, type LabShare, type World } from './world.ts'

function uncs(holds: LabShare['holds']): (bench: Bench) => string[] {
  return ({ world }) => world.shares.filter((share) => share.holds === holds).map(({ unc }) => unc)
}

function folderAt({ world, paths }: { world: World; paths: Bench['paths'] }, unc: string): string {
  const found = world.shares.find((share) => same(share.unc, unc))
  return found ? folderOf(paths, found) : paths.shares
}

const ballast = join('System Volume Information', 'ballast')
const spare = 1024 * 1024

export const share: Break = {
  kind: 'share',
  details: ['gone', 'another', 'read-only', 'full'],
  does: 'Of the backup share: gone: it is not there. another: an empty share has its name. read-only: nothing can be written (as root by a mount). full: no byte is free (needs the right to mount).',
  mounts: ['read-only', 'full'],
  subjects: uncs('backups'),
  apply(bench, unc, detail) {
    const folder = folderAt(bench, unc)
    if (detail === 'read-only') {
      makeReadOnly(folder)
      return null
    }
    if (detail === 'full') return fill(bench, folder)
    const aside = putAside(bench.paths, folder)
    if (detail === 'another') mkdirSync(folder, { recursive: true })
    return aside
  },
  repair(bench, unc, before, detail) {
    const folder = folderAt(bench, unc)
    if (detail === 'read-only') {
      if (isRoot()) unmount(folder)
      else changeModes(folder, (mode) => mode | 0o200)
    } else if (detail === 'full') empty(bench, folder, before as string)
    else putBack(bench.paths, folder, before as string | null)
  },
}

function makeReadOnly(folder: string): void {
  if (!isRoot()) {
    changeModes(folder, (mode) => mode & ~0o222)
    return
  }
  mount('--bind', folder, folder)
  mount('-o', 'remount,bind,ro', folder)
}

/** The share moves to a small disk of its own, which is filled up. */
function fill({ paths }: Bench, folder: string): string {
  const used = filesBelow(folder).reduce((sum, file) => sum + Math.ceil(statSync(file).size / 4096) * 4096 + 4096, 0)
  const aside = putAside(paths, folder) ?? ''
  mkdirSync(folder, { recursive: true })
  try {
    mount('-t', 'tmpfs', '-o', `size=${used + spare},mode=0755`, 'lab-share', folder)
  } catch (thrown) {
    rmSync(folder, { recursive: true })
    putBack(paths, folder, aside === '' ? null : aside)
    throw thrown
  }
  if (aside !== '') cpSync(aside, folder, { recursive: true, preserveTimestamps: true })
  mkdirSync(dirname(join(folder, ballast)), { recursive: true })
  const file = openSync(join(folder, ballast), 'w')
  try {
    for (;;) writeSync(file, Buffer.alloc(4096))
  } catch {
    // The disk is full: that was the wish.
  } finally {
    closeSync(file)
  }
  return aside
}

/** What was changed on the small disk in the meantime stays changed; if that disk is gone, the share is as it was. */
function empty({ paths }: Bench, folder: string, aside: string): void {
  if (!isMounted(folder)) {
    putBack(paths, folder, aside === '' ? null : aside)
    return
  }
  rmSync(join(folder, dirname(ballast)), { recursive: true, force: true })
  const copy = join(paths.away, 'from-full-disk')
  cpSync(folder, copy, { recursive: true, preserveTimestamps: true })
  unmount(folder)
  putBack(paths, folder, copy)
  if (aside !== '') rmSync(aside, { recursive: true, force: true })
}

export const fileStore: Break = {
  kind: 'file-store',
  details: ['moved', 'denied', 'denied-address-book', 'emptied', 'lost'],
  does: 'moved: the share is not there any more, for somebody put it elsewhere. denied: one file of its content cannot be opened (as root by a mount). denied-address-book: the same of a file that the server makes anew. emptied: the share is there and holds nothing. lost: the share went with its disk, which looks the same as moved.',
  mounts: ['denied', 'denied-address-book'],
  subjects: uncs('file-store'),
  apply(bench, unc, detail) {
    const folder = folderAt(bench, unc)
    if (!isDenied(detail)) {
      const aside = putAside(bench.paths, folder)
      if (detail === 'emptied') mkdirSync(folder, { recursive: true })
      return aside
    }
    const file = fileToDeny(folder, detail === 'denied-address-book')
    if (isRoot()) mount('--bind', unreadableFile(), file)
    else chmodSync(file, 0)
    return file
  },
  repair(bench, unc, before, detail) {
    if (!isDenied(detail)) putBack(bench.paths, folderAt(bench, unc), before as string | null)
    else if (isRoot()) unmount(before as string)
    else chmodSync(before as string, 0o644)
  },
}

function isDenied(detail: string): boolean {
  return detail === 'denied' || detail === 'denied-address-book'
}

/** The first file of content, or of the address book. */
function fileToDeny(folder: string, ofAddressBook: boolean): string {
  const isMeant = (path: string): boolean =>
    ofAddressBook ? /[/\\]ABFiles[/\\]/.test(path) : !/CMSFileStore|Meeting\.Active|ABFiles/.test(path)
  return filesBelow(folder).find(isMeant) ?? join(folder, 'denied')
}

export const set: Break = {
  kind: 'set',
  details: ['bit-flip', 'missing-file', 'cut-file'],
  does: 'Of a backup set (latest, or its id): bit-flip: one bit of its largest file changed; neither size nor time tells. missing-file: its largest file is gone. cut-file: the second half of it is gone.',
  subjects: (bench) => ['latest', ...setIds(bench)],
  accepts: (bench, subject) => findSet(bench, subject) !== null,
  apply(bench, subject, detail) {
    const file = payloadToBreak(bench, subject)
    if (detail === 'missing-file') return { file, aside: putAside(bench.paths, file) }
    const aside = join(bench.paths.away, `copy-${bench.world.changes.length}-${Date.now()}`)
    mkdirSync(bench.paths.away, { recursive: true })
    cpSync(file, aside, { preserveTimestamps: true })
    damage(file, detail)
    return { file, aside }
  },
  repair(bench, _subject, before) {
    const { file, aside } = before as { file: string; aside: string | null }
    rmSync(file, { force: true })
    putBack(bench.paths, file, aside)
  },
}

/** As a bad disk does it: the time stamps tell nothing. */
function damage(file: string, detail: string): void {
  const { size, atimeMs, mtimeMs } = statSync(file)
  const middle = Math.floor(size / 2)
  const handle = openSync(file, 'r+')
  try {
    const byte = Buffer.alloc(1)
    readSync(handle, byte, 0, 1, middle)
    if (detail === 'bit-flip') writeSync(handle, Buffer.from([(byte[0] ?? 0) ^ 1]), 0, 1, middle)
  } finally {
    closeSync(handle)
  }
  if (detail === 'cut-file') truncateSync(file, middle)
  utimesSync(file, atimeMs / 1000, mtimeMs / 1000)
}
