/** What happens while no Holdfast runs: time passes, and people work with what is back. */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { locationsIn, responseGroupsIn, setRows, settingsName } from '../../../src/lab/content.ts'
import type { SqlDatabase } from '../../../src/lab/sql/facts.ts'
import type { World } from '../../../src/lab/world.ts'

const standard = 'se01.contoso.com'

/** Everywhere. */
export function pass(seconds: number, world: World): void {
  for (const clock of [world, ...world.sqlServers.map(({ facts }) => facts)]) clock.clockOffsetSeconds += seconds
}

/** Kind of content -> changes the facts of a lab, or files in its folder; where nobody can work, nothing. */
export const work: Readonly<Record<string, (world: World, dir: string) => void>> = {
  rows(world) {
    const records = databaseOf(world, 'sql02.contoso.com', 'LcsCDR')
    for (const table of Object.keys(records.tables)) records.tables[table] = (records.tables[table] ?? 0) + 1
  },
  files(_world, dir) {
    appendFileSync(join(dir, 'shares', standard, 'LyncShare/1-WebServices-1/MeetingContent/since.txt'), 'since')
  },
  configuration(world) {
    const [setting] = world.settings
    if (setting) for (const name of Object.keys(setting.values)) setting.values[name] = '7777'
  },
  /** One building moves, and another one is added. */
  locations(world) {
    const lis = databaseOf(world, standard, 'lis')
    setRows(world, lis, { ...locationsIn(lis), 'Location 1': ['7 New Street'], 'Location new': ['8 New Street'] }, {})
  },
  /** Everybody adds a contact; while the services are stopped, nobody does. */
  users(world) {
    const server = world.hosts.find(({ fqdn }) => fqdn === standard)
    if (server?.services.some(({ running }) => !running)) return
    for (const pool of world.pools) if (pool.fqdn === standard) pool.newContacts = { here: 1, atPartner: 0 }
  },
  'response-groups'(world) {
    const groups = databaseOf(world, standard, 'rgsconfig')
    setRows(world, groups, { ...responseGroupsIn(groups), [settingsName]: ['AgentRingbackGracePeriod=77'] }, {})
  },
}

function databaseOf({ sqlServers }: World, host: string, name: string): SqlDatabase {
  const found = sqlServers
    .filter(({ facts }) => facts.host === host)
    .flatMap(({ facts }) => facts.databases)
    .find((one) => one.name === name)
  if (!found) throw new Error(`${host} has no database ${name}`)
  return found
}
