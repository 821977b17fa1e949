import type { ImportedKind } from '../../drivers/shell/import-calls.ts'
import { countBefore, hasCome, proveByCount } from './count-now.ts'
import { finishImport, importFile } from './import-file.ts'
import { persistentChat } from './persistent-chat.ts'
import type { Restorer } from './restorer.ts'
import { userData } from './user-data.ts'

/**
 * An import overwrites what was changed since: one that came before our end, which kept it from being written down, is not
 * repeated. It is known by what was counted before it. What came is counted at once.
 */
function imported(kind: ImportedKind): Restorer {
  return {
    resource: () => ({ kind: 'shellHost' }),
    async restore(_item, context) {
      const { copy, tools, signal } = context
      const before = tools.counted()
      const there = await countBefore(copy, tools, signal)
      if (before !== null && hasCome(copy, before, there)) {
        await finishImport(kind, context) // our end may have come between the two
        const { message, counts = {} } = await proveByCount(context)
        return { message: `It was imported before, and is not imported again. ${message}`, counts, resumed: true }
      }
      if (before === null) await tools.keepCount(there)
      const done = await importFile(kind, context)
      const { message, counts = {} } = await proveByCount(context)
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
