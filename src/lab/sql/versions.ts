import type { SqlEdition, SqlServerFacts, SqlVersion } from './facts.ts'

interface Release {
  /** As in SERVERPROPERTY('ProductVersion'): 10 stands for 10.50. */
  major: number
  minor: number
  build: number
  level: string
  /** Newest protocol that this release speaks. */
  tds: number
  /** Internal version of its databases: a newer one cannot be restored to an older server. */
  databaseVersion: number
}

/** From the list of builds that Microsoft publishes; each the last or a late one of its line. */
const releases: Record<SqlVersion, Release> = {
  '2008 R2': { major: 10, minor: 50, build: 6560, level: 'SP3', tds: 0x730b0003, databaseVersion: 661 },
  '2012': { major: 11, minor: 0, build: 7507, level: 'SP4', tds: 0x74000004, databaseVersion: 706 },
  '2014': { major: 12, minor: 0, build: 6449, level: 'SP3', tds: 0x74000004, databaseVersion: 782 },
  '2016': { major: 13, minor: 0, build: 6455, level: 'SP3', tds: 0x74000004, databaseVersion: 852 },
  '2017': { major: 14, minor: 0, build: 3465, level: 'RTM', tds: 0x74000004, databaseVersion: 869 },
  '2019': { major: 15, minor: 0, build: 4385, level: 'RTM', tds: 0x74000004, databaseVersion: 904 },
  '2022': { major: 16, minor: 0, build: 4135, level: 'RTM', tds: 0x74000004, databaseVersion: 957 },
}

export function releaseOf(facts: SqlServerFacts): Release {
  return releases[facts.version]
}

function productVersion(facts: SqlServerFacts): string {
  const { major, minor, build } = releaseOf(facts)
  return `${major}.${minor}.${build}.0`
}

function editionName(edition: SqlEdition): string {
  return `${edition} Edition${edition === 'Express' ? '' : ' (64-bit)'}`
}

/** Features by edition: compression from Standard upwards (BACKUP, "Features supported by the editions"). */
export function compresses(edition: SqlEdition): boolean {
  return edition === 'Enterprise' || edition === 'Standard' || edition === 'Developer'
}

/** `@@SERVERNAME`: the machine, and the instance where it has a name. */
export function serverName(facts: SqlServerFacts): string {
  return facts.instance === '' ? facts.machine : `${facts.machine}\\${facts.instance.toUpperCase()}`
}

export function versionText(facts: SqlServerFacts): string {
  return `Microsoft SQL Server ${facts.version} (${releaseOf(facts).level}) - ${productVersion(facts)} (X64)\n\tCopyright (c) Microsoft Corporation\n\t${editionName(facts.edition)} on Windows`
}

const serverProperties: Record<string, (facts: SqlServerFacts) => string | number | null> = {
  productversion: productVersion,
  productlevel: (facts) => releaseOf(facts).level,
  edition: (facts) => editionName(facts.edition),
  machinename: (facts) => facts.machine,
  servername: serverName,
  instancename: (facts) => (facts.instance === '' ? null : facts.instance.toUpperCase()),
  // The folders since 2012, availability groups too.
  instancedefaultdatapath: (facts) => (releaseOf(facts).major < 11 ? null : `${facts.dataPath}\\`),
  instancedefaultlogpath: (facts) => (releaseOf(facts).major < 11 ? null : `${facts.dataPath}\\`),
  ishadrenabled: (facts) =>
    releaseOf(facts).major < 11 ? null : Number(facts.databases.some(({ availabilityGroup }) => availabilityGroup)),
}

/** SERVERPROPERTY: a name that the version does not know is NULL, no error. */
export function serverProperty(name: string, facts: SqlServerFacts): string | number | null {
  return serverProperties[name.toLowerCase()]?.(facts) ?? null
}
