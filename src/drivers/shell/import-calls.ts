import type { ItemKind, Subject } from '../../domain/words.ts'
import { parseDatabase, sqlSubject } from '../../domain/subject.ts'
import type { CallName } from './host.ts'

type Parameters = Readonly<Record<string, string | boolean>>

/** How a cmdlet brings an item back. */
export interface ImportCall {
  call: CallName
  /** Besides the file name; more than one: ways to write the same, tried in turn. */
  parameters: (subject: Subject) => readonly [Parameters, ...Parameters[]]
  /** Without it nobody sees what was imported. */
  then?: CallName
}

/** Kinds of items that a cmdlet brings back whole. */
export type ImportedKind = Extract<
  ItemKind,
  'configuration' | 'location-information' | 'user-data' | 'response-groups' | 'persistent-chat'
>

/** Which call of `calls.json` brings an item back ("Restoring Lync Server 2013"; domain reference, section 6.13). */
export const importCalls: Readonly<Record<ImportedKind, ImportCall>> = {
  configuration: { call: 'import-configuration', parameters: () => [{}] },
  'location-information': {
    call: 'import-location-information',
    parameters: () => [{}],
    then: 'publish-location-information',
  },
  'user-data': { call: 'import-user-data', parameters: (pool) => [{ PoolFqdn: pool }] },
  // The pages write the identity with and without `service:`; the directory still holds the old owner, whatever the name.
  'response-groups': {
    call: 'import-response-groups',
    parameters: (pool) => [
      { ...wholeGroups, Destination: `service:ApplicationServer:${pool}` },
      { ...wholeGroups, Destination: `ApplicationServer:${pool}` },
    ],
  },
  'persistent-chat': {
    call: 'import-persistent-chat',
    parameters: (subject) => [{ DBInstance: sqlSubject(parseDatabase(subject) ?? { host: subject, instance: '' }) }],
  },
}

const wholeGroups = { OverwriteOwner: true, ReplaceExistingRgsSettings: true }

/** Undefined: no cmdlet brings such an item back. */
export function importCallOf(kind: ItemKind): ImportCall | undefined {
  return Object.hasOwn(importCalls, kind) ? importCalls[kind as ImportedKind] : undefined
}
