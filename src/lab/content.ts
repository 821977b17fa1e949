/**
 * What the rows of databases hold, as far as exports tell it and imports bring it back. Rows follow from the seed of their
 * database and from their number; those that came by an import are written out.
 */
import { between, chanceOf, guidOf } from './chance.ts'
import type { SqlDatabase } from './sql/facts.ts'
import { othersOf } from './sql-roles.ts'
import { registrarOf, userAddress } from './users.ts'
import { same, type LabPool, type World } from './world.ts'

/** Name of a thing -> what it holds, in order: of a user, contacts and conferences. */
export type Content = Record<string, string[]>

/** Of a user: what each of its texts begins with. */
export const contactMark = 'contact '
export const conferenceMark = 'conference '

/** Of Response Groups: the settings of the whole pool, and audio files, as base64. */
export const settingsName = 'Settings'
export const audioMark = 'Audio/'

/** Users of a pool with what each has: of the database, but for those who were moved. */
export function usersIn(world: World, pool: LabPool, users: SqlDatabase): Content {
  const rows = users.documents ?? derivedUsers(world, pool, users)
  const arrived = Object.keys(rows).length === 0 ? [] : world.moved.filter((one) => same(one.pool, pool.fqdn))
  const here = Object.entries(rows).filter(([user]) => same(registrarOf(world, user, pool.fqdn), pool.fqdn))
  const all: Content = Object.fromEntries(here)
  for (const { user } of arrived) all[user] ??= ownContacts(world, pool, chanceOf(user), 5, countOf(users, 'Resource'))
  const added = Array.from(
    { length: pool.newContacts?.here ?? 0 },
    (_, at) => `${contactMark}new${at + 1}@fabrikam.com`,
  )
  return Object.fromEntries(Object.entries(all).map(([user, texts]) => [user, [...texts, ...added]]))
}

/** Contacts and conferences are dealt out to the users in turn. */
function derivedUsers(world: World, pool: LabPool, users: SqlDatabase): Content {
  const [people, contacts] = [countOf(users, 'Resource'), countOf(users, 'Contact')]
  const chance = chanceOf(seedOf(users))
  const content: Content = {}
  for (let number = 1; number <= people; number++) {
    const own = Math.floor(contacts / people) + (number <= contacts % people ? 1 : 0)
    content[userAddress(world, pool.fqdn, number)] = ownContacts(world, pool, chance, own, people)
  }
  for (let number = 1; people > 0 && number <= countOf(users, 'Conference'); number++)
    content[userAddress(world, pool.fqdn, (number % people) + 1)]?.push(`${conferenceMark}Meeting ${number}`)
  return content
}

function ownContacts(world: World, pool: LabPool, chance: () => number, count: number, people: number): string[] {
  const first = between(chance, 1, Math.max(people, 1))
  return Array.from(
    { length: count },
    (_, at) => contactMark + userAddress(world, pool.fqdn, ((first + at) % people) + 1),
  )
}

export function conferenceDirectoriesIn(shared: SqlDatabase | undefined): Content {
  return shared?.documents ?? numbered(shared, 'ConferenceDirectory', '', () => [])
}

/** Workflows, queues, agent groups and holiday sets, with the audio files and settings that belong to them. */
export function responseGroupsIn(rgs: SqlDatabase): Content {
  if (rgs.documents) return rgs.documents
  const chance = chanceOf(seedOf(rgs))
  const workflows = countOf(rgs, 'Workflows')
  const groups = responseGroupElements.flatMap(([table, element]) =>
    Object.entries(numbered(rgs, table, `${element} `, (at) => [guidOf(`${seedOf(rgs)} ${element} ${at - 1}`)])),
  )
  const audio = Array.from({ length: Math.min(workflows, 3) }, (_, at): [string, string[]] => [
    `${audioMark}welcome-${at + 1}.wma`,
    [Buffer.from(Array.from({ length: 4096 }, () => between(chance, 0, 255))).toString('base64')],
  ])
  return {
    ...Object.fromEntries(groups),
    ...Object.fromEntries(audio),
    ...(workflows === 0 ? {} : { [settingsName]: [`AgentRingbackGracePeriod=${between(chance, 61, 120)}`] }),
  }
}

/** Table -> element of the export. */
export const responseGroupElements = [
  ['Workflows', 'Workflow'],
  ['Queues', 'Queue'],
  ['AgentGroups', 'AgentGroup'],
  ['HolidaySets', 'HolidaySet'],
] as const

export function locationsIn(lis: SqlDatabase): Content {
  const chance = chanceOf(seedOf(lis))
  return (
    lis.documents ?? {
      ...numbered(lis, 'Location', 'Location ', () => [`${between(chance, 1, 200)} Main Street`]),
      ...numbered(lis, 'Subnet', 'Subnet ', (at) => [`10.30.${at}.0`]),
    }
  )
}

/** Rooms; messages are counted. */
export function roomsIn(mgc: SqlDatabase): Content {
  return mgc.documents ?? numbered(mgc, 'tblNode', 'Room ', (at) => [guidOf(`${seedOf(mgc)} ${at - 1}`)])
}

/** Writes rows, in every copy of a mirror or a group that hears of it. `documents`: null: only their numbers. */
export function setRows(
  world: World,
  database: SqlDatabase,
  documents: Content | null,
  counts: Readonly<Record<string, number>>,
): void {
  for (const copy of [database, ...othersOf(world, database)]) {
    if (documents) copy.documents = structuredClone(documents)
    copy.tables = { ...copy.tables, ...counts }
  }
}

export function countOf(database: SqlDatabase, table: string): number {
  return database.tables[table] ?? 0
}

export function seedOf({ seed, guid }: SqlDatabase): string {
  return seed ?? guid
}

/** From 1. */
function numbered(
  database: SqlDatabase | undefined,
  table: string,
  name: string,
  make: (number: number) => string[],
): Content {
  const count = database ? countOf(database, table) : 0
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`${name}${at + 1}`, make(at + 1)]))
}
