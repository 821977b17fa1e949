/** What a stranger sees on the share and in the scratch folder, without a line of Holdfast. */
import { createHash } from 'node:crypto'
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface SetOnShare {
  id: string
  /** `open`: without a commit record. */
  state: 'open' | 'complete' | 'partial'
  slot: string | null
  /** Every file with size, time and number: the same as long as nothing was touched. */
  print: string
  /** Against what it claims. */
  faults: string[]
}

/** What a share has beside the sets of `nightly`. */
export function isOnShare(file: string): boolean {
  return (
    [
      'current/nightly.copies.csv',
      'current/nightly.txt',
      'holdfast-location.json',
      'journal/head.json',
      'journal/owner.json',
    ].some((one) => one === file) || /^journal\/[0-9a-f]{32}-\d{10}\.jsonl$/.test(file)
  )
}

/** The sets of a policy. */
export function setsOnShare(share: string, policy: string): SetOnShare[] {
  return namesIn(join(share, policy)).map((name) => readSet(share, `${policy}/${name}`))
}

/** Relative paths of all files below a folder. */
export function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()
}

export function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : []
}

/** What was found out of files that are as they were: to hash all of them at each look would take longest. */
const looked = new Map<string, SetOnShare>()

function readSet(share: string, id: string): SetOnShare {
  const folder = join(share, id)
  const files = filesIn(folder)
  const isOpen = !files.includes('tagmanifest-sha256.txt')
  // SQL Server goes on for a moment with the BACKUP of a daemon that died.
  const print = files
    .filter((file) => !(isOpen && file.endsWith('.bak')))
    .map((file) => printOf(folder, file))
    .join('\n')
  if (isOpen) return { id, state: 'open', slot: null, print, faults: [] }
  const key = `${folder} ${print}`
  const known = looked.get(key)
  if (known) return known
  const record = JSON.parse(readFileSync(join(folder, 'backup-set.json'), 'utf8')) as {
    slot: string | null
    required: { kind: string; subject: string }[]
    items: { kind: string; subject: string; outcome: string }[]
  }
  const isOk = (wanted: { kind: string; subject: string }): boolean =>
    record.items.some(
      ({ kind, subject, outcome }) => kind === wanted.kind && subject === wanted.subject && outcome === 'ok',
    )
  const state = record.required.every(isOk) ? 'complete' : 'partial'
  const set: SetOnShare = { id, state, slot: record.slot, print, faults: faultsOf(folder, files) }
  looked.set(key, set)
  return set
}

function printOf(folder: string, file: string): string {
  const { size, mtimeMs, ino } = lstatSync(join(folder, file))
  return `${file} ${size} ${mtimeMs} ${ino}`
}

/** As `sha256sum -c` of both manifests would find; and files that none of them lists. */
function faultsOf(folder: string, files: readonly string[]): string[] {
  const listed = ['tagmanifest-sha256.txt', 'manifest-sha256.txt'].flatMap((manifest) =>
    readFileSync(join(folder, manifest), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => ({ sha256: line.slice(0, 64), file: line.slice(66) })),
  )
  const known = new Set(['tagmanifest-sha256.txt', ...listed.map(({ file }) => file)])
  return [
    ...listed.filter(({ sha256, file }) => sumOf(join(folder, file)) !== sha256).map(({ file }) => `${file} differs`),
    ...files.filter((file) => !known.has(file)).map((file) => `${file} is not listed`),
  ]
}

function sumOf(file: string): string | null {
  return existsSync(file) ? createHash('sha256').update(readFileSync(file)).digest('hex') : null
}
