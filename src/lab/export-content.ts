/** What the export cmdlets write. Only names that the documents know are certain; docs/lab.md says what is made up. */
import { ZipFile } from 'yazl'
import {
  audioMark,
  conferenceMark,
  contactMark,
  countOf,
  responseGroupElements,
  settingsName,
  type Content,
} from './content.ts'
import type { SqlDatabase } from './sql/facts.ts'
import { text, topologyDocument } from './topology-document.ts'
import type { LabPool, LabSetting, World } from './world.ts'

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

/** Configuration with the published topology inside (topology format, section 4); an empty store has neither. */
export function configurationExport(world: World, xds: SqlDatabase): Promise<Buffer> {
  if (countOf(xds, 'Document') === 0) return envelope('')
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

export function locationExport(locations: Content): Promise<Buffer> {
  const rows = Object.entries(locations).map(([name, [value = '']]) =>
    name.startsWith('Subnet')
      ? `<Subnet Name="${text(name)}" Address="${text(value)}" />\n`
      : `<Location Name="${text(name)}" CompanyName="Contoso" Street="${text(value)}" City="Redmond" />\n`,
  )
  return zipOf([{ name: 'LisConfiguration.xml', content: `<LisConfiguration>\n${rows.join('')}</LisConfiguration>\n` }])
}

/** One item for each user with contacts and conferences, and one for each conference directory. */
export function userExport(pool: LabPool, users: Content, directories: Content): Promise<Buffer> {
  const people = Object.entries(users).map(([user, texts]) => {
    const elements = (mark: string, element: string, attribute: string): string =>
      texts
        .filter((one) => one.startsWith(mark))
        .map((one) => `<${element} ${attribute}="${text(one.slice(mark.length))}" />`)
        .join('')
    const contacts = `<Contacts>${elements(contactMark, 'Contact', 'Buddy')}</Contacts>`
    const conferences = `<Conferences>${elements(conferenceMark, 'Conference', 'Subject')}</Conferences>`
    return `<DocItem Name="urn:lcd:${text(user)}"><Data><HomedResource UserAtHost="${text(user)}" Pool="${text(pool.fqdn)}">${contacts}${conferences}</HomedResource></Data></DocItem>\n`
  })
  const ids = Object.keys(directories).map(
    (id) =>
      `<DocItem Name="urn:conference-directory:${id}"><Data><ConferenceDirectory Id="${id}" Pool="${text(pool.fqdn)}" /></Data></DocItem>\n`,
  )
  return envelope(people.join('') + ids.join(''))
}

/** Response Groups with the audio files that belong to them. */
export function responseGroupExport(pool: LabPool, groups: Content): Promise<Buffer> {
  const entries = Object.entries(groups)
  const lists = responseGroupElements.map(([list, element]) => {
    const rows = entries
      .filter(([name]) => name.startsWith(`${element} `))
      .map(([name, [id = '']]) => `<${element} Id="${text(id)}" Name="${text(name)}" />\n`)
    return `<${list}>\n${rows.join('')}</${list}>\n`
  })
  const settings = (groups[settingsName] ?? []).map((one) => `<Setting Text="${text(one)}" />\n`)
  const document = `<RgsConfiguration Owner="service:ApplicationServer:${text(pool.fqdn)}">\n${lists.join('')}<Settings>\n${settings.join('')}</Settings>\n</RgsConfiguration>\n`
  const audio = entries
    .filter(([name]) => name.startsWith(audioMark))
    .map(([name, [bytes = '']]) => ({ name, content: Buffer.from(bytes, 'base64') }))
  return zipOf([{ name: 'RgsConfiguration.xml', content: document }, ...audio])
}

export function persistentChatExport(mgc: SqlDatabase, rooms: Content): Promise<Buffer> {
  const nodes = Object.entries(rooms).map(([name, [id = '']]) => `<Room Id="${text(id)}" Name="${text(name)}" />\n`)
  const rows = (table: string, make: (number: number) => string): string =>
    Array.from({ length: countOf(mgc, table) }, (_, at) => make(at + 1)).join('')
  const messages = rows('tblChat', (number) => `<Message Id="${number}" Text="Message ${number}" />\n`)
  const people = rows('tblPrincipal', (number) => `<Principal Id="${number}" />\n`)
  return zipOf([
    { name: 'Rooms.xml', content: `<Rooms>\n${nodes.join('')}</Rooms>\n` },
    { name: 'Messages.xml', content: `<Messages>\n${messages}</Messages>\n` },
    { name: 'Principals.xml', content: `<Principals>\n${people}</Principals>\n` },
  ])
}
