/** What the deployment holds, to be compared with what it held before; from the facts and the files, in a stable order. */
import { hash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { relative, sep } from 'node:path'
import { filesBelow } from './backup-folders.ts'
import type { Bench } from './break.ts'
import {
  conferenceDirectoriesIn,
  locationsIn,
  responseGroupsIn,
  roomsIn,
  seedOf,
  usersIn,
  type Content,
} from './content.ts'
import { databasesOf } from './roles.ts'
import { findDatabase } from './shell-view.ts'
import { folderOf } from './shares.ts'
import type { SqlDatabase } from './sql/facts.ts'
import { topologyDocument } from './topology-document.ts'
import { storesOf } from './topology-lookup.ts'
import type { World } from './world.ts'

/** One thing that is worth a backup. */
export interface Held {
  /** `configuration`, `locations`, `users`, `conference-directories`, `response-groups`, `rooms`, `rows`, `files` */
  kind: string
  subject: string
  /** Name -> texts; null: it is not there, or cannot be opened. */
  content: Content | null
}

export function heldContent(bench: Bench): Held[] {
  const { world } = bench
  return [
    { kind: 'configuration', subject: world.deployment, content: configurationOf(world) },
    {
      kind: 'locations',
      subject: world.deployment,
      content: from(openDatabase(world, world.centralManagement, 'lis'), publishedLocations),
    },
    ...world.pools.flatMap((pool) => ofPool(world, pool)),
    ...sqlStores(world).flatMap((store) => ofStore(world, store)),
    ...world.shares
      .filter(({ holds }) => holds === 'file-store')
      .map((share) => ({ kind: 'files', subject: share.unc, content: filesOf(folderOf(bench.paths, share)) })),
  ].map(({ content, ...held }) => ({ ...held, content: content && sorted(content) }))
}

function configurationOf(world: World): Content | null {
  const xds = openDatabase(world, world.centralManagement, 'xds')
  if (!xds || (xds.tables.Document ?? 0) === 0) return null
  const settings = world.settings.map(({ element, scope, values }): [string, string[]] => [
    `${element}:${scope}`,
    Object.entries(values).map(([name, value]) => `${name}=${value}`),
  ])
  return { ...Object.fromEntries(settings), Topology: [hash('sha256', topologyDocument(world.topology), 'hex')] }
}

function publishedLocations(lis: SqlDatabase): Content {
  return lis.unpublished ? { 'not published': [], ...locationsIn(lis) } : locationsIn(lis)
}

/** Users see what their Front Ends have in memory. */
function ofPool(world: World, pool: World['pools'][number]): Held[] {
  if (pool.backEnd.length === 0) return []
  const { fqdn: subject, applications } = pool
  const open = (name: string): SqlDatabase | undefined => openDatabase(world, pool.backEnd, name)
  const users = pool.inMemory?.rows ?? from(open('rtcxds'), (store) => usersIn(world, pool, store))
  return [
    { kind: 'users', subject, content: users },
    { kind: 'conference-directories', subject, content: from(open('rtcshared'), conferenceDirectoriesIn) },
    ...(applications.includes('response-group')
      ? [{ kind: 'response-groups', subject, content: from(open('rgsconfig'), responseGroupsIn) }]
      : []),
  ]
}

interface Store {
  /** `host\instance` of each copy; the first one names it. */
  copies: string[]
  database: string
}

/** Databases that only SQL Server backs up, and the rooms. */
function sqlStores(world: World): Store[] {
  const uses = ['archiving', 'monitoring', 'persistentChat'] as const
  const found = world.pools.flatMap(({ fqdn }) =>
    uses.flatMap((use) => {
      const copies = storesOf(world.topology, fqdn, use)
      return copies.length === 0 ? [] : Object.keys(databasesOf[use]).map((database) => ({ copies, database }))
    }),
  )
  return [...new Map(found.map((one) => [subjectOf(one), one])).values()]
}

function subjectOf({ copies, database }: Store): string {
  return `${copies[0] ?? ''}/${database}`
}

function ofStore(world: World, store: Store): Held[] {
  const database = openDatabase(world, store.copies, store.database)
  const subject = subjectOf(store)
  return [
    { kind: 'rows', subject, content: from(database, rowsOf) },
    ...(store.database === 'mgc' ? [{ kind: 'rooms', subject, content: from(database, roomsIn) }] : []),
  ]
}

/** Rows of the same seed and number are the same rows. */
function rowsOf(database: SqlDatabase): Content {
  const counts = Object.entries(database.tables).map(([table, rows]): [string, string[]] => [table, [String(rows)]])
  return { ...Object.fromEntries(counts), 'grown from': [seedOf(database)] }
}

/** Path with `/` -> SHA-256. */
function filesOf(folder: string): Content | null {
  if (!existsSync(folder)) return null
  const files = filesBelow(folder).map((file): [string, string[]] => [
    relative(folder, file).replaceAll(sep, '/'),
    [hash('sha256', readFileSync(file), 'hex')],
  ])
  return Object.fromEntries(files)
}

function openDatabase(world: World, instances: readonly string[], name: string): SqlDatabase | undefined {
  return findDatabase(world, instances, name, (host) => host?.powered === true)
}

function from(database: SqlDatabase | undefined, read: (database: SqlDatabase) => Content): Content | null {
  return database ? read(database) : null
}

function sorted(content: Content): Content {
  return Object.fromEntries(Object.entries(content).sort(([a], [b]) => (a < b ? -1 : 1)))
}
