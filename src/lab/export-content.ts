/** What the export cmdlets write. Only names that the documents know are certain; docs/lab.md says what is made up. */
import { ZipFile } from 'yazl'
import { chanceOf, between, guidOf } from './chance.ts'
import type { SqlDatabase } from './sql/facts.ts'
import { text, topologyDocument } from './topology-document.ts'
import { registrarOf, userAddress } from './users.ts'
import { same, type LabPool, type LabSetting, type World } from './world.ts'

const contentTypes = `<?xml version="1.0" encoding="utf-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="text/xml" /></Types>`

/** ZIP of these files in this order. */
async function zipOf(files: readonly { name: string; content: string | Buffer }[]): Promise<Buffer> {
  const zip = new ZipFile()
  for (const { name, content } of files) zip.addBuffer(Buffer.from(content), name)
  zip.end()
  const parts: Buffer[] = []
  for await (const part of zip.outputStream) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

/** The envelope of an export: `DocItemSet.xml` and the list of content types. */
function envelope(items: string): Promise<Buffer> {
  const document = `<?xml version="1.0" encoding="utf-8"?>\n<DocItemSet xmlns="urn:schema:Microsoft.Rtc.Management.Xds.AppLayer.2008">\n${items}</DocItemSet>\n`
  return zipOf([
    { name: 'DocItemSet.xml', content: document },
    { name: '[Content_Types].xml', content: contentTypes },
  ])
}

/** Configuration with the published topology inside (topology format, section 4). */
export function configurationExport(world: World): Promise<Buffer> {
  const deploy = 'urn:schema:Microsoft.Rtc.Management.Deploy.Topology.2008'
  const scope = 'urn:schema:Microsoft.Rtc.Management.ScopeFramework.2008'
  const key = `<Key ScopeClass="Global"><SchemaId Namespace="${deploy}" ElementName="Topology" /><AuthorityId Class="Host" InstanceId="00000000-0000-0000-0000-000000000000" /></Key>`
  const value = `<Value Signature="${world.topology.signature}">${topologyDocument(world.topology)}</Value>`
  return envelope(
    `${world.settings.map(settingItem).join('')}<DocItem Name="urn:xds:Topology"><Data><AnchoredXml SchemaWriteVersion="2" xmlns="${scope}">${key}<Dictionary Count="1"><Item>${key}${value}</Item></Dictionary></AnchoredXml></Data></DocItem>\n`,
  )
}

function settingItem({ element, scope, values }: LabSetting): string {
  const namespace = 'urn:schema:Microsoft.Rtc.Management.ScopeFramework.2008'
  const key = `<Key ScopeClass="${scope}"><SchemaId Namespace="urn:schema:contoso:${element}" ElementName="${element}" /><AuthorityId Class="Host" InstanceId="00000000-0000-0000-0000-000000000000" /></Key>`
  const attributes = Object.entries(values).map(([name, value]) => ` ${name}="${text(value)}"`)
  return `<DocItem Name="urn:xds:${element}"><Data><AnchoredXml SchemaWriteVersion="2" xmlns="${namespace}">${key}<Dictionary Count="1"><Item>${key}<Value><${element}${attributes.join('')} /></Value></Item></Dictionary></AnchoredXml></Data></DocItem>\n`
}

export function locationExport(lis: SqlDatabase): Promise<Buffer> {
  const chance = chanceOf(lis.guid)
  const rows = Array.from({ length: lis.tables.Location ?? 0 }, (_, index) => {
    const street = `${between(chance, 1, 200)} Main Street`
    return `<Location Id="${index + 1}" CompanyName="Contoso" Street="${street}" City="Redmond" />\n`
  })
  return zipOf([{ name: 'LisConfiguration.xml', content: `<LisConfiguration>\n${rows.join('')}</LisConfiguration>\n` }])
}

/** One item for each user with the contacts of that user, and one for each conference directory. */
export function userExport(
  world: World,
  pool: LabPool,
  users: SqlDatabase,
  shared: SqlDatabase | undefined,
): Promise<Buffer> {
  const count = users.tables.Resource ?? 0
  const chance = chanceOf(users.guid)
  const person = (user: string, luck: typeof chance): string => {
    const contacts = Array.from({ length: between(luck, 2, 9) }, () => {
      return `<Contact Buddy="${userAddress(world, pool.fqdn, between(luck, 1, Math.max(count, 1)))}" />`
    })
    for (let added = 1; added <= (pool.newContacts?.here ?? 0); added++)
      contacts.push(`<Contact Buddy="new${added}@fabrikam.com" />`)
    return `<DocItem Name="urn:lcd:${user}"><Data><HomedResource UserAtHost="${user}" Pool="${text(pool.fqdn)}"><Contacts>${contacts.join('')}</Contacts></HomedResource></Data></DocItem>\n`
  }
  const people = Array.from({ length: count }, (_, index) => {
    const user = userAddress(world, pool.fqdn, index + 1)
    const item = person(user, chance)
    return same(registrarOf(world, user, pool.fqdn), pool.fqdn) ? item : ''
  })
  const arrived = count === 0 ? [] : world.moved.filter((one) => same(one.pool, pool.fqdn))
  people.push(...arrived.map(({ user }) => person(user, chanceOf(user))))
  const directories = Array.from(
    { length: shared?.tables.ConferenceDirectory ?? 0 },
    (_, index) =>
      `<DocItem Name="urn:conference-directory:${index + 1}"><Data><ConferenceDirectory Id="${index + 1}" Pool="${text(pool.fqdn)}" /></Data></DocItem>\n`,
  )
  return envelope(people.join('') + directories.join(''))
}

/** Response Groups with the audio files that belong to them. */
export function responseGroupExport(pool: LabPool, rgs: SqlDatabase): Promise<Buffer> {
  const list = (table: string, element: string): string =>
    Array.from(
      { length: rgs.tables[table] ?? 0 },
      (_, index) => `<${element} Id="${guidOf(`${rgs.guid} ${element} ${index}`)}" Name="${element} ${index + 1}" />\n`,
    ).join('')
  const document = [
    `<RgsConfiguration Owner="service:ApplicationServer:${text(pool.fqdn)}">\n`,
    `<Workflows>\n${list('Workflows', 'Workflow')}</Workflows>\n<Queues>\n${list('Queues', 'Queue')}</Queues>\n`,
    `<AgentGroups>\n${list('AgentGroups', 'AgentGroup')}</AgentGroups>\n<HolidaySets>\n${list('HolidaySets', 'HolidaySet')}</HolidaySets>\n`,
    '</RgsConfiguration>\n',
  ]
  const chance = chanceOf(rgs.guid)
  const audio = Array.from({ length: Math.min(rgs.tables.Workflows ?? 0, 3) }, (_, index) => ({
    name: `Audio/welcome-${index + 1}.wma`,
    content: Buffer.from(Array.from({ length: 4096 }, () => between(chance, 0, 255))),
  }))
  return zipOf([{ name: 'RgsConfiguration.xml', content: document.join('') }, ...audio])
}

export function persistentChatExport(mgc: SqlDatabase): Promise<Buffer> {
  const rooms = Array.from(
    { length: mgc.tables.tblNode ?? 0 },
    (_, index) => `<Room Id="${guidOf(`${mgc.guid} ${index}`)}" Name="Room ${index + 1}" />\n`,
  )
  const messages = Array.from(
    { length: mgc.tables.tblChat ?? 0 },
    (_, index) => `<Message Id="${index + 1}" Text="Message ${index + 1}" />\n`,
  )
  return zipOf([
    { name: 'Rooms.xml', content: `<Rooms>\n${rooms.join('')}</Rooms>\n` },
    { name: 'Messages.xml', content: `<Messages>\n${messages.join('')}</Messages>\n` },
  ])
}
