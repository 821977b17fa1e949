import type { CallName } from './host.ts'

/** A list of what Active Directory holds, as one cmdlet reads it. */
interface DirectoryList {
  call: CallName
  /** Its file in the item. */
  file: string
  /** What its objects are, in the counts of the item. */
  holds: string
}

/**
 * What is in Active Directory only, and in no export (domain reference, section 6.14): users, contact objects, trusted
 * endpoints.
 */
export const directoryLists: readonly DirectoryList[] = [
  { call: 'directory-users', file: 'users.jsonl', holds: 'users' },
  { call: 'directory-access-numbers', file: 'dial-in-access-numbers.jsonl', holds: 'accessNumbers' },
  { call: 'directory-um-contacts', file: 'exchange-um-contacts.jsonl', holds: 'umContacts' },
  { call: 'directory-common-area-phones', file: 'common-area-phones.jsonl', holds: 'commonAreaPhones' },
  { call: 'directory-trusted-endpoints', file: 'trusted-application-endpoints.jsonl', holds: 'trustedEndpoints' },
]
