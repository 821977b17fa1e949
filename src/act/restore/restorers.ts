import type { ItemKind } from '../../domain/words.ts'
import { restoreDatabase } from './database.ts'
import { restoreFileStore } from './file-store.ts'
import { imports } from './imports.ts'
import type { Restorer } from './restorer.ts'

/** How each kind of item comes back; what is a mere record does not. */
const restorers: Partial<Readonly<Record<ItemKind, Restorer>>> = {
  ...imports,
  'sql-database': restoreDatabase,
  'file-store': restoreFileStore,
}

/** Undefined: nothing of that kind is ever brought back. */
export function restorerOf(kind: ItemKind): Restorer | undefined {
  return restorers[kind]
}
