import type { ImportedKind } from '../../drivers/shell/import-calls.ts'
import { proveByCount } from './count-now.ts'
import { importFile } from './import-file.ts'
import { persistentChat } from './persistent-chat.ts'
import type { Restorer } from './restorer.ts'
import { userData } from './user-data.ts'

/** An import that may be repeated: it overwrites, or adds what is missing. What came is counted at once. */
function imported(kind: ImportedKind): Restorer {
  return {
    resource: () => ({ kind: 'shellHost' }),
    async restore(_item, { set, copy, tools, signal }) {
      const done = await importFile(kind, { set, copy, tools, signal })
      const { message, counts = {} } = await proveByCount(copy, tools, signal)
      return { message: `${done} ${message}`, counts }
    },
  }
}

/** How each kind of item that has an import cmdlet is brought back. */
export const imports: Readonly<Record<ImportedKind, Restorer>> = {
  configuration: imported('configuration'),
  'location-information': imported('location-information'),
  'response-groups': imported('response-groups'),
  'user-data': userData,
  'persistent-chat': persistentChat,
}
