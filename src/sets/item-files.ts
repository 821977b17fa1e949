import type { ItemOutcome } from '../domain/backup-set.ts'

/** The item to which a file of the payload belongs: its artefact, something in its folder, or its listing. */
export function ownerOf(file: string, items: readonly ItemOutcome[]): ItemOutcome | null {
  const path = listedBy(file)
  return items.find((item) => item.path === file || item.path === path || file.startsWith(`${item.path}/`)) ?? null
}

/** The folder of the file store that a listing is of, by its path; of any other file, the path itself. */
export function listedBy(listing: string): string {
  return listing.replace(/\.listing\.jsonl(\.\d+)?$/, '$1')
}
