import type { ItemKind } from '../../domain/words.ts'
import type { Collector } from './collector.ts'
import { cmdletExport } from './cmdlet.ts'
import { callParkSettings } from './call-park.ts'
import { directoryRecord } from './directory-record.ts'
import { environment } from './environment.ts'
import { fileStore } from './file-store.ts'
import { sqlDatabase } from './sql.ts'
import { userData } from './user-data.ts'

/** How each kind of item is got. */
export const collectors: Readonly<Record<ItemKind, Collector>> = {
  configuration: cmdletExport,
  'location-information': cmdletExport,
  'user-data': userData,
  'response-groups': cmdletExport,
  'persistent-chat': cmdletExport,
  'call-park': callParkSettings,
  'sql-database': sqlDatabase,
  'file-store': fileStore,
  environment,
  'directory-record': directoryRecord,
}
