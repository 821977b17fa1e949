/**
 * The grammar of subjects (design, section 2): name of deployment, policy or location (no dots); FQDN of a host or
 * pool; `host\instance`; `host\instance/database` (default instance: `host/database`); UNC path; set id.
 */
import type { FileStore, SqlStore } from './model.ts'
import type { SetId, Subject } from './words.ts'

/** `MSSQLSERVER` and the empty name both mean the default instance. */
export function instanceName(instance: string): string {
  return instance.toUpperCase() === 'MSSQLSERVER' ? '' : instance
}

/** `sql01.contoso.com\rtc`, of a database `sql01.contoso.com\rtc/LcsCDR`; default instance: `sql01.contoso.com`. */
export function sqlSubject(store: Pick<SqlStore, 'host' | 'instance'>, database?: string): Subject {
  const instance = instanceName(store.instance)
  const server = instance === '' ? store.host : `${store.host}\\${instance}`
  return database === undefined ? server : `${server}/${database}`
}

/** `host\instance/database` or `host/database` -> its parts; null when it is not a database. */
export function parseDatabase(subject: Subject): { host: string; instance: string; database: string } | null {
  const match = /^([^\\/]+)(?:\\([^\\/]+))?\/(.+)$/.exec(subject)
  if (!match || subject.startsWith('\\\\')) return null
  return { host: match[1] ?? '', instance: match[2] ?? '', database: match[3] ?? '' }
}

export function fileStoreSubject(store: Pick<FileStore, 'path'>): Subject {
  return store.path
}

export function setId(policy: string, folder: string): SetId {
  return `${policy}/${folder}`
}

export function parseSetId(id: SetId): { policy: string; folder: string } | null {
  const slash = id.indexOf('/')
  if (slash <= 0 || slash === id.length - 1) return null
  return { policy: id.slice(0, slash), folder: id.slice(slash + 1) }
}

/** The form in which subjects are compared and used as keys: names of Windows, SQL Server and DNS know no case. */
export function foldSubject(subject: Subject): string {
  return subject.toLowerCase()
}

export function sameSubject(a: Subject, b: Subject): boolean {
  return foldSubject(a) === foldSubject(b)
}

/** Each subject once, as it was first written, whatever its case. */
export function distinct(subjects: readonly Subject[]): Subject[] {
  const found = new Map<string, Subject>()
  for (const subject of subjects) if (!found.has(foldSubject(subject))) found.set(foldSubject(subject), subject)
  return [...found.values()]
}

/** Key of an item for maps and sets. */
export function itemKey(item: { kind: string; subject: Subject }): string {
  return `${item.kind} ${foldSubject(item.subject)}`
}
