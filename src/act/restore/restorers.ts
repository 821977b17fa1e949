import type { ItemKind } from '../../domain/words.ts'
import type { Restorer } from './restorer.ts'

/** How each kind of item comes back. */
const restorers: Partial<Readonly<Record<ItemKind, Restorer>>> = {}

/** Undefined: Holdfast does not bring an item of that kind back by itself. */
export function restorerOf(kind: ItemKind): Restorer | undefined {
  return restorers[kind]
}
