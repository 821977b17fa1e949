/** Finds backup sets on the lab's shares as a person would, by docs/backup-set-format.md. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../base/problem.ts'
import type { Bench } from './break.ts'
import { folderOf } from './shares.ts'

interface FoundSet {
  id: string
  folder: string
}

/** Every folder two levels below a backup share that has a commit record, oldest first. */
function sets({ world, paths }: Bench): FoundSet[] {
  return world.shares
    .filter(({ holds }) => holds === 'backups')
    .map((share) => folderOf(paths, share))
    .flatMap((root) =>
      foldersIn(root).flatMap((policy) => foldersIn(join(root, policy)).map((name) => ({ root, policy, name }))),
    )
    .map(({ root, policy, name }) => ({ id: `${policy}/${name}`, folder: join(root, policy, name), name }))
    .filter(({ folder }) => existsSync(join(folder, 'tagmanifest-sha256.txt')))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

export function setIds(bench: Bench): string[] {
  return sets(bench).map(({ id }) => id)
}

/** A set by its id; `latest` is the newest one. */
export function findSet(bench: Bench, subject: string): FoundSet | null {
  const all = sets(bench)
  return (subject === 'latest' ? all.at(-1) : all.find(({ id }) => id === subject)) ?? null
}

/** The largest payload file: the one that a bad block hits first. */
export function payloadToBreak(bench: Bench, subject: string): string {
  const found = findSet(bench, subject)
  const [largest] = found
    ? filesBelow(join(found.folder, 'data')).sort((a, b) => statSync(b).size - statSync(a).size)
    : []
  if (largest === undefined)
    throw new Problem('lab-break-unknown', {
      subject,
      message: 'There is no such backup set on the shares of this lab.',
      hint: 'Make one first: holdfast run --once --config <the lab>/holdfast.yaml',
    })
  return largest
}

/** Every regular file below a folder; none where the folder is missing. */
export function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

function foldersIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
}
