/** The conversations that are recorded with a real engine and asked of the lab's shell host. */
export interface Scenario {
  name: string
  /** What the stub module does meanwhile. */
  behaviour: string
  ask: readonly { call: string; parameters: Readonly<Record<string, string | boolean>> }[]
  /** A file that is in the scratch folder before. */
  existing?: string
  /** How the lab is brought to the same: arguments of `lab break`; null where it cannot do such a thing. */
  lab: readonly [kind: string, subject: string, detail: string] | 'as it is' | null
  /** The error records come from the engine or the script, so their category is the same everywhere. */
  ownErrors?: boolean
}

/** Stands in parameters for the scratch folder. */
export const scratchMark = '<scratch>'

const pool = 'pool01.contoso.com'
const file = (name: string): string => `${scratchMark}/${name}`
const userData = { call: 'export-user-data', parameters: { PoolFqdn: pool, FileName: file('user-data.zip') } }
const replication = { call: 'replication', parameters: {} }
const settings = { call: 'call-park-settings', parameters: {} }

export const scenarios: readonly Scenario[] = [
  {
    name: 'exports',
    behaviour: 'ordinary',
    lab: 'as it is',
    ask: [
      { call: 'export-configuration', parameters: { FileName: file('configuration.zip') } },
      { call: 'export-location-information', parameters: { FileName: file('location-information.bin') } },
      userData,
      {
        call: 'export-response-groups',
        parameters: { Source: `service:ApplicationServer:${pool}`, FileName: file('response-groups.zip') },
      },
    ],
  },
  {
    name: 'reads',
    behaviour: 'ordinary',
    lab: 'as it is',
    ask: [
      settings,
      { call: 'published-topology', parameters: { AsXml: true } },
      { call: 'commands', parameters: { Name: 'Export-CsConfiguration' } },
    ],
  },
  {
    name: 'observations',
    behaviour: 'ordinary',
    lab: 'as it is',
    ask: [
      { call: 'services', parameters: { ComputerName: 'fe01.contoso.com', ExcludeActivityLevel: true } },
      replication,
      { call: 'central-management-status', parameters: { CentralManagementStoreStatus: true } },
      { call: 'configuration-store-location', parameters: {} },
      { call: 'configuration-store-location-as-text', parameters: {} },
      { call: 'database-tests', parameters: { ConfiguredDatabases: true, SqlServerFqdn: 'sql01.contoso.com' } },
      { call: 'fabric', parameters: { PoolFqdn: pool } },
      { call: 'pool-pairing', parameters: { PoolFqdn: pool } },
      { call: 'backup-service-status', parameters: { PoolFqdn: pool } },
      { call: 'registrar-settings', parameters: {} },
      { call: 'simple-urls', parameters: {} },
      { call: 'certificates', parameters: { Type: 'OAuthTokenIssuer' } },
      { call: 'compliance-settings', parameters: {} },
      { call: 'dhcp-servers', parameters: {} },
      { call: 'dhcp-options', parameters: { ComputerName: 'dhcp01.contoso.com', All: true } },
    ],
  },
  {
    name: 'directory',
    behaviour: 'ordinary',
    lab: 'as it is',
    ask: [
      { call: 'directory-users', parameters: {} },
      { call: 'directory-access-numbers', parameters: {} },
      { call: 'directory-um-contacts', parameters: {} },
      { call: 'directory-common-area-phones', parameters: {} },
      { call: 'directory-trusted-endpoints', parameters: {} },
    ],
  },
  {
    name: 'location-as-object',
    behaviour: 'objects',
    lab: null,
    ask: [{ call: 'configuration-store-location', parameters: {} }],
  },
  { name: 'times-of-another-culture', behaviour: 'other-culture', lab: null, ask: [replication] },
  {
    name: 'refusals',
    behaviour: 'ordinary',
    lab: 'as it is',
    ownErrors: true,
    ask: [
      { call: 'remove-everything', parameters: {} },
      { call: 'export-user-data', parameters: { Force: true } },
      { call: 'export-user-data', parameters: { PoolFqdn: true } },
      { call: 'published-topology', parameters: { AsXml: 'yes' } },
    ],
  },
  {
    name: 'missing-cmdlet',
    behaviour: 'missing',
    lab: ['cmdlet', 'Export-CsUserData', 'missing'],
    ownErrors: true,
    ask: [userData, { call: 'commands', parameters: { Name: 'Export-CsUserData' } }],
  },
  {
    name: 'existing-file',
    behaviour: 'ordinary',
    lab: 'as it is',
    existing: 'location-information.bin',
    ask: [{ call: 'export-location-information', parameters: { FileName: file('location-information.bin') } }],
  },
  {
    name: 'failing-cmdlet',
    behaviour: 'fails',
    lab: ['cmdlet', 'Export-CsUserData', 'fails'],
    ask: [userData],
  },
  { name: 'bad-urn', behaviour: 'bad-urn', lab: null, ask: [userData] },
  { name: 'errors-on-the-way', behaviour: 'errors', lab: null, ask: [userData, settings] },
  { name: 'warnings', behaviour: 'warns', lab: null, ask: [userData] },
  { name: 'exception', behaviour: 'throws', lab: null, ask: [settings] },
  { name: 'question', behaviour: 'asks', lab: null, ask: [userData] },
  { name: 'chatter', behaviour: 'talks', lab: null, ask: [userData] },
  { name: 'other-culture', behaviour: 'other-culture', lab: null, ask: [settings] },
  { name: 'odd-texts', behaviour: 'odd-texts', lab: null, ask: [settings] },
  { name: 'lists', behaviour: 'lists', lab: null, ask: [settings] },
  { name: 'collections', behaviour: 'collections', lab: null, ask: [settings] },
  { name: 'notes', behaviour: 'notes', lab: null, ask: [settings] },
  { name: 'nothing', behaviour: 'nulls', lab: null, ask: [settings] },
  { name: 'all-streams', behaviour: 'all-streams', lab: null, ask: [userData, settings] },
  {
    name: 'topology-as-document',
    behaviour: 'document',
    lab: 'as it is',
    ask: [{ call: 'published-topology', parameters: { AsXml: true } }],
  },
]
