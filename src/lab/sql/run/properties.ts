import { databaseId, findDatabase } from '../engine.ts'
import type { SqlServerFacts } from '../facts.ts'
import { int, nvarchar, type Value } from '../values.ts'
import { editionName, engineEdition, productVersion, releaseOf, serverName } from '../versions.ts'

const asText = (of: string | null): Value => (of === null ? null : { type: nvarchar(4000), of })
const asNumber = (of: number): Value => ({ type: int, of })

const serverProperties: Record<string, (facts: SqlServerFacts) => Value> = {
  productversion: (facts) => asText(productVersion(facts)),
  productlevel: (facts) => asText(releaseOf(facts).level),
  // Since 2012 SP3 and 2014; older servers answer NULL.
  productmajorversion: (facts) => (releaseOf(facts).major < 11 ? null : asText(String(releaseOf(facts).major))),
  productminorversion: (facts) => (releaseOf(facts).major < 11 ? null : asText(String(releaseOf(facts).minor))),
  edition: (facts) => asText(editionName(facts.edition)),
  engineedition: (facts) => asNumber(engineEdition(facts.edition)),
  machinename: (facts) => asText(facts.machine),
  computernamephysicalnetbios: (facts) => asText(facts.machine),
  servername: (facts) => asText(serverName(facts)),
  instancename: (facts) => asText(facts.instance === '' ? null : facts.instance.toUpperCase()),
  instancedefaultdatapath: (facts) => (releaseOf(facts).major < 11 ? null : asText(`${facts.dataPath}\\`)),
  instancedefaultlogpath: (facts) => (releaseOf(facts).major < 11 ? null : asText(`${facts.dataPath}\\`)),
  // Since 2019.
  instancedefaultbackuppath: (facts) => (releaseOf(facts).major < 15 ? null : asText(`${facts.dataPath}\\Backup`)),
  isclustered: () => asNumber(0),
  isintegratedsecurityonly: () => asNumber(0),
  ishadrenabled: (facts) =>
    releaseOf(facts).major < 11
      ? null
      : asNumber(Number(facts.databases.some((database) => database.availabilityGroup))),
  issingleuser: () => asNumber(0),
  collation: () => asText('Latin1_General_CI_AS'),
  processid: () => asNumber(1432),
}

/** SERVERPROPERTY: a name that the version does not know is NULL, no error. */
export function serverProperty(name: string, facts: SqlServerFacts): Value {
  return serverProperties[name.toLowerCase()]?.(facts) ?? null
}

/** DATABASEPROPERTYEX. */
export function databaseProperty(name: string, property: string, facts: SqlServerFacts): Value {
  if (databaseId(facts, name) === null) return null
  const database = findDatabase(facts, name)
  switch (property.toLowerCase()) {
    case 'status':
      return asText(database?.state ?? 'ONLINE')
    case 'recovery':
      return asText(database?.recoveryModel ?? 'SIMPLE')
    case 'updateability':
      return asText(database?.readOnly ? 'READ_ONLY' : 'READ_WRITE')
    case 'useraccess':
      return asText(database?.singleUser ? 'SINGLE_USER' : 'MULTI_USER')
    case 'collation':
      return asText('Latin1_General_CI_AS')
    case 'version':
      return asNumber(releaseOf(facts).databaseVersion)
    default:
      return null
  }
}
