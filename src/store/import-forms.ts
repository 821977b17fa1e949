/** How the destination of an item was last written when its import cmdlet took it: which form a shell takes, no document says. */
import { itemKey } from '../domain/subject.ts'
import type { Item } from '../domain/words.ts'
import type { Remembered } from './memory.ts'

export interface ImportForms {
  /** Null: nothing was imported yet that can be written in more than one way. */
  read(item: Item): string | null
  write(item: Item, destination: string): void
}

export function openImportForms(
  kept: Remembered<Readonly<Record<string, string>>>,
  durably: (work: () => void) => void,
): ImportForms {
  const all = (): Readonly<Record<string, string>> => kept.read() ?? {}
  return {
    read: (item) => all()[itemKey(item)] ?? null,
    write(item, destination) {
      if (all()[itemKey(item)] === destination) return
      durably(() => {
        kept.write({ ...all(), [itemKey(item)]: destination })
      })
    },
  }
}
