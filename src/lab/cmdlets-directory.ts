/** What only Active Directory knows: users, contact objects, trusted endpoints. */
import { between, chanceOf, guidOf } from './chance.ts'
import { CmdletError } from './shell-view.ts'
import { registrarOf, userAddress } from './users.ts'
import type { LabHoming, World } from './world.ts'

type ReadingCmdlet = (world: World) => object[]

export const directoryCmdlets = {
  'Get-CsUser': (world) => homings(world).flatMap((home) => range(home.users, (number) => user(world, home, number))),
  'Get-CsDialInConferencingAccessNumber': (world) =>
    homings(world).map(({ pool }) => {
      const number = phone(`dial-in ${pool}`)
      return {
        ...{
          Identity: application(world, `dial-in ${pool}`),
          PrimaryUri: `sip:dialin-${short(pool)}@${domainOf(world)}`,
        },
        ...{ DisplayName: `Dial-in ${short(pool)}`, DisplayNumber: number, LineUri: `tel:${number}`, Pool: pool },
        ...{ HostingProvider: 'SRV:', PrimaryLanguage: 'en-US', SecondaryLanguages: ['de-DE', 'fr-FR'] },
        ...{ Regions: [siteOf(world, pool)], ScopeToSite: false },
      }
    }),
  'Get-CsExUmContact': (world) =>
    homings(world).flatMap(({ pool }) =>
      [true, false].map((AutoAttendant) => {
        const kind = AutoAttendant ? 'attendant' : 'voicemail'
        return { ...contact(world, pool, kind), AutoAttendant, IsSubscriberAccess: !AutoAttendant }
      }),
    ),
  'Get-CsCommonAreaPhone': (world) =>
    homings(world).flatMap(({ pool, users }) =>
      range(Math.ceil(users / 50), (number) => ({
        ...contact(world, pool, `lobby${number}`),
        ...{ ExUmEnabled: false, VoicePolicy: 'CommonAreaPhones', Description: `Lobby ${number}` },
      })),
    ),
  'Get-CsTrustedApplicationEndpoint': (world) =>
    homings(world).map(({ pool }) => ({
      ...contact(world, pool, 'helpdesk'),
      ...{ OwnerUrn: 'urn:application:helpdesk', EnabledForFederation: false },
      ...{ PrimaryLanguage: 'en-US', SecondaryLanguages: [] },
    })),
} satisfies Record<string, ReadingCmdlet>

/** Active Directory answers as long as there is a network. */
export function expectDirectory(world: World): void {
  if (world.cutOff)
    throw new CmdletError('ResourceUnavailable', 'ActiveDirectoryUnavailable', 'Active Directory cannot be reached.')
}

function homings(world: World): readonly LabHoming[] {
  expectDirectory(world)
  return world.directory
}

function user(world: World, { pool }: LabHoming, number: number): object {
  const [name = '', domain = ''] = userAddress(world, pool, number).split('@')
  const chance = chanceOf(`directory ${pool} ${number}`)
  const hasPhone = between(chance, 0, 3) > 0
  const hasPolicy = between(chance, 0, 9) === 0
  const DisplayName = `User ${name.slice('user'.length)}`
  return {
    ...{
      Identity: `CN=${DisplayName},OU=${siteOf(world, pool)},${baseOf(world)}`,
      SipAddress: `sip:${name}@${domain}`,
    },
    ...{ DisplayName, FirstName: 'User', LastName: name.slice('user'.length), SamAccountName: name },
    ...{ UserPrincipalName: `${name}@${domain}`, WindowsEmailAddress: `${name}@${domain}`, Enabled: true },
    ...homedOn(world, registrarOf(world, `${name}@${domain}`, pool)),
    ...{ LineURI: hasPhone ? `tel:${phone(name)}` : '', EnterpriseVoiceEnabled: hasPhone, ExUmEnabled: hasPhone },
    ...{ RemoteCallControlTelephonyEnabled: false, AudioVideoDisabled: false },
    ...{ ExchangeArchivingPolicy: 'Uninitialized', VoicePolicy: hasPolicy ? 'International' : 'National' },
    ...{ ConferencingPolicy: hasPolicy ? 'Webinars' : 'Meetings' },
  }
}

function contact(world: World, pool: string, name: string): object {
  const number = phone(`${name} ${pool}`)
  return {
    ...{ Identity: application(world, `${name} ${pool}`), SipAddress: `sip:${name}-${short(pool)}@${domainOf(world)}` },
    ...{ DisplayName: `${name} ${short(pool)}`, DisplayNumber: number, LineURI: `tel:${number}`, Enabled: true },
    ...{ EnterpriseVoiceEnabled: true, ...homedOn(world, pool) },
  }
}

function homedOn(world: World, RegistrarPool: string): object {
  const services = `CN=Lc Services,CN=Microsoft,CN=${guidOf(RegistrarPool)},CN=Pools,CN=RTC Service,CN=Services,CN=Configuration`
  return { RegistrarPool, HomeServer: `${services},${baseOf(world)}`, HostingProvider: 'SRV:' }
}

/** Contact objects are named by a GUID (cmdlet reference of Get-CsCommonAreaPhone). */
function application(world: World, seed: string): string {
  return `CN={${guidOf(`contact ${seed}`)}},CN=Application Contacts,CN=RTC Service,CN=Services,CN=Configuration,${baseOf(world)}`
}

/** `+14255550143` */
function phone(seed: string): string {
  return `+1425${between(chanceOf(`phone ${seed}`), 2_000_000, 9_999_999)}`
}

function baseOf(world: World): string {
  return domainOf(world)
    .split('.')
    .map((part) => `DC=${part}`)
    .join(',')
}

function domainOf({ topology }: World): string {
  return topology.sipDomains[0] ?? 'contoso.com'
}

function siteOf({ pools }: World, pool: string): string {
  return pools.find(({ fqdn }) => fqdn === pool)?.site ?? ''
}

function short(fqdn: string): string {
  return fqdn.split('.')[0] ?? fqdn
}

function range<T>(count: number, make: (number: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index + 1))
}
