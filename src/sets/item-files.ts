import type { ItemOutcome } from '../domain/backup-set.ts'

/** The item to which a file of the payload belongs: its artefact, something in its folder, or its listing. */
export function ownerOf(file: string, items: readonly ItemOutcome[]): ItemOutcome | null {
  const path = file.replace(/\.listing\.jsonl(\.\d+)?$/, '$1')
  return items.find((item) => item.path === file || item.path === path || file.startsWith(`${item.path}/`)) ?? null
}
