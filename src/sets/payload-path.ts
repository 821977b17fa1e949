import { parseDatabase } from '../domain/subject.ts'
import type { Item } from '../domain/words.ts'
import { Problem } from '../base/problem.ts'
import { escapeName } from './escape.ts'

/** Where an item is in a set, relative to its folder, with `/`: docs/backup-set-format.md. */
export function payloadPath(item: Item): string {
  switch (item.kind) {
    case 'configuration':
      return 'data/configuration/Config.zip'
    case 'location-information':
      return 'data/location-information/E911Config.zip'
    case 'environment':
      return 'data/environment'
    case 'directory-record':
      return 'data/directory'
    case 'user-data':
      return `${poolFolder(item)}/user-data.zip`
    case 'response-groups':
      return `${poolFolder(item)}/response-groups.zip`
    case 'call-park':
      return `${poolFolder(item)}/call-park.json`
    case 'sql-database':
      return `${databasePath(item)}.bak`
    case 'persistent-chat':
      return `${databasePath(item)}.persistent-chat.zip`
    case 'file-store':
      return `data/file-stores/${fileStoreName(item)}`
  }
}

/** Where the listing of a file store is. */
export function listingPath(item: Item): string {
  return `${payloadPath(item)}.listing.jsonl`
}

function poolFolder({ subject }: Item): string {
  return `data/pools/${escapeName(subject.toLowerCase())}`
}

function databasePath(item: Item): string {
  const parts = parseDatabase(item.subject)
  if (!parts) throw wrongSubject(item)
  const instance = parts.instance === '' ? 'default' : parts.instance
  const server = escapeName(`${parts.host}_${instance}`.toLowerCase())
  return `data/sql/${server}/${escapeName(parts.database)}`
}

function fileStoreName(item: Item): string {
  const match = /^\\\\([^\\]+)\\(.+?)\\*$/.exec(item.subject)
  if (!match) throw wrongSubject(item)
  return escapeName(`${match[1] ?? ''}_${match[2] ?? ''}`.toLowerCase())
}

function wrongSubject({ kind, subject }: Item): Problem {
  return new Problem('unexpected', { subject, message: `This is not a subject of an item of kind ${kind}.` })
}
