import type { ItemKind, Subject } from '../../domain/words.ts'
import { parseDatabase, sqlSubject } from '../../domain/subject.ts'
import type { CallName } from './host.ts'

/** How a cmdlet makes an item. */
export interface ItemCall {
  call: CallName
  /** Besides the file name. */
  parameters: (subject: Subject) => Record<string, string>
  /** The documents promise a ZIP, or only that there is a file; `answer`: no file, the answer itself is the item. */
  makes: 'zip' | 'file' | 'answer'
}

const nothing = (): Record<string, string> => ({})

/** Which call of `calls.json` makes an item ("Backing up core data and settings"); null: none does. */
export const itemCalls = {
  configuration: { call: 'export-configuration', parameters: nothing, makes: 'zip' },
  'location-information': { call: 'export-location-information', parameters: nothing, makes: 'file' },
  environment: null,
  'directory-record': null, // several: `directory-lists.ts`
  'user-data': { call: 'export-user-data', parameters: (pool) => ({ PoolFqdn: pool }), makes: 'zip' },
  'response-groups': {
    call: 'export-response-groups',
    parameters: (pool) => ({ Source: `service:ApplicationServer:${pool}` }),
    makes: 'zip',
  },
  'call-park': { call: 'call-park-settings', parameters: nothing, makes: 'answer' },
  'sql-database': null,
  // "Backing up Persistent Chat databases": the instance, without the database.
  'persistent-chat': {
    call: 'export-persistent-chat',
    parameters: (subject) => ({ DBInstance: sqlSubject(parseDatabase(subject) ?? { host: subject, instance: '' }) }),
    makes: 'zip',
  },
  'file-store': null,
} as const satisfies Record<ItemKind, ItemCall | null>
