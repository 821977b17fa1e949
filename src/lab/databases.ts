/** Databases of the product as its tools make them. */
import { newDatabase } from './sql/facts.ts'
import { disconnect, othersOf } from './sql-roles.ts'
import { CmdletError } from './shell-view.ts'
import { randomUUID } from 'node:crypto'
import { isRunning, primaryOf, same, sqlName, sqlServerOf, timeIn, type LabSqlServer, type World } from './world.ts'

/** Every name under which an instance is known: its own, and that of a listener before it. */
export function instanceNames({ sqlServers, sqlListeners }: World): string[] {
  return [
    ...sqlServers.map(({ facts }) => sqlName(facts)),
    ...sqlListeners.map((one) => sqlName({ host: one.fqdn, instance: one.instance })),
  ]
}

/** The instance behind a name. Throws a CmdletError where none runs. */
export function runningServer(world: World, name: string): LabSqlServer {
  const listener = world.sqlListeners.find((one) => same(sqlName({ host: one.fqdn, instance: one.instance }), name))
  const server = listener ? primaryOf(world, listener) : sqlServerOf(world, name)
  if (server && isRunning(world, server)) return server
  throw new CmdletError('ConnectionError', 'SqlConnectionError', `Cannot connect to SQL Server instance "${name}".`)
}

/**
 * Creates them empty. `clean`: what is there is deleted first, whatever it holds; a mirrored one cannot be ("DROP DATABASE").
 * Throws a CmdletError before anything is changed.
 */
export function createDatabases(
  world: World,
  server: LabSqlServer,
  wanted: readonly (readonly [name: string, tables: Readonly<Record<string, unknown>>])[],
  clean = false,
): void {
  const { facts } = server
  const there = (name: string): boolean => facts.databases.some((one) => same(one.name, name))
  const dropped = clean ? facts.databases.filter((one) => wanted.some(([name]) => same(name, one.name))) : []
  const tied = dropped.find((one) => one.mirroring ?? one.availabilityGroup)
  if (tied)
    throw new CmdletError(
      'InvalidOperation',
      'CannotDropDatabase',
      `Cannot drop the database "${tied.name}": it is mirrored, or in an availability group.`,
    )
  for (const one of dropped) disconnect(othersOf(world, one, server))
  facts.databases = facts.databases.filter((one) => !dropped.includes(one))
  for (const [name, tables] of wanted.filter(([name]) => !there(name)))
    facts.databases.push({
      ...newDatabase(name, randomUUID(), timeIn(world)),
      recoveryModel: 'SIMPLE',
      tables: Object.fromEntries(Object.keys(tables).map((table) => [table, 0])),
    })
}
