import { timeOf, type Time } from '../base/time.ts'
import type { CopiedTree } from '../drivers/files/copy.ts'

/**
 * The listing of a copied file store as chunks of JSON lines (docs/backup-set-format.md): original names, time stamps,
 * attributes, empty folders, and what was skipped and why.
 */
export async function* formatListing(root: string, at: Time, tree: CopiedTree): AsyncGenerator<Buffer> {
  let text = ''
  for (const object of lines(root, at, tree)) {
    text += `${JSON.stringify(object)}\n`
    if (text.length < 65_536) continue
    yield await Promise.resolve(Buffer.from(text))
    text = ''
  }
  yield Buffer.from(text)
}

function* lines(root: string, at: Time, tree: CopiedTree): Generator<object> {
  yield { type: 'listing', format: 'holdfast/file-store-listing/v1', root, at }
  const entries = [
    ...tree.files.map((file) => ({ name: file.name, line: () => fileLine(file) })),
    ...tree.folders.map((folder) => ({ name: folder.name, line: () => folderLine(folder) })),
    ...tree.skipped.map(({ name, reason }) => ({ name, line: () => ({ type: 'skipped', name, reason }) })),
  ]
  entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  for (const { line } of entries) yield line()
}

function fileLine(file: CopiedTree['files'][number]): object {
  return {
    type: 'file',
    name: file.name,
    path: file.path,
    bytes: file.bytes,
    sha256: file.sha256,
    modifiedAt: timeOrNull(file.modifiedMs),
    createdAt: timeOrNull(file.createdMs),
    readOnly: file.readOnly,
    ...(file.changed ? { changed: true } : {}),
    ...(file.rawName === null ? {} : { nameBytes: Buffer.from(file.rawName).toString('hex') }),
  }
}

function folderLine({ name, path, modifiedMs, createdMs, readOnly, empty }: CopiedTree['folders'][number]): object {
  const times = { modifiedAt: timeOrNull(modifiedMs), createdAt: timeOrNull(createdMs) }
  return { type: 'folder', name, path, ...times, readOnly, empty }
}

function timeOrNull(milliseconds: number | null): Time | null {
  const whole = milliseconds === null ? Number.NaN : Math.round(milliseconds)
  return Number.isNaN(new Date(whole).getTime()) ? null : timeOf(whole)
}
