/** The counterpart of `export-content.ts`: what is in the files that the import cmdlets read. */
import { existsSync, readFileSync } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import { fromBufferPromise } from 'yauzl'
import { audioMark, conferenceMark, contactMark, responseGroupElements, settingsName, type Content } from './content.ts'
import { CmdletError } from './shell-view.ts'
import { topologyOf } from './topology-reading.ts'
import type { Topology } from './topology.ts'
import type { LabSetting } from './world.ts'
import { elementOf, elementsOf, readXml, type XmlElement } from './xml-tree.ts'

/** Topology and settings; an export of an empty store has neither. */
export async function configurationIn(file: string): Promise<{ topology: Topology; settings: LabSetting[] }> {
  const { root } = await openExport(file, itemSet)
  const topology = elementsOf(root, 'Topology')[0]
  if (!topology)
    throw new CmdletError(
      'InvalidData',
      'TopologyNotFound',
      `The file '${file}' holds no topology: it is no configuration.`,
    )
  const settings = root.children.flatMap((item): LabSetting[] => {
    const scope = elementOf(item, 'Key').attributes.ScopeClass
    const [value] = elementOf(item, 'Value').children
    if (!value || value.name === 'Topology') return []
    return [{ element: value.name, scope: scope === 'Site' ? 'Site' : 'Global', values: value.attributes }]
  })
  return { topology: topologyOf(topology), settings }
}

export async function usersOf(file: string): Promise<{ users: Content; directories: Content }> {
  const { root } = await openExport(file, itemSet)
  const people = elementsOf(root, 'HomedResource').map((one): [string, string[]] => [
    one.attributes.UserAtHost ?? '',
    [
      ...elementsOf(one, 'Contact').map(({ attributes }) => contactMark + (attributes.Buddy ?? '')),
      ...elementsOf(one, 'Conference').map(({ attributes }) => conferenceMark + (attributes.Subject ?? '')),
    ],
  ])
  const ids = elementsOf(root, 'ConferenceDirectory').map(({ attributes }): [string, string[]] => [
    attributes.Id ?? '',
    [],
  ])
  return { users: Object.fromEntries(people), directories: Object.fromEntries(ids) }
}

export async function responseGroupsOf(file: string): Promise<Content> {
  const { root, files } = await openExport(file, 'RgsConfiguration.xml')
  const groups = responseGroupElements.flatMap(([, element]) => namedElements(root, element, 'Id'))
  const audio = [...files]
    .filter(([name]) => name.startsWith(audioMark))
    .map(([name, bytes]): [string, string[]] => [name, [bytes.toString('base64')]])
  const settings = elementsOf(root, 'Setting').map(({ attributes }) => attributes.Text ?? '')
  return { ...Object.fromEntries([...groups, ...audio]), ...(settings.length > 0 && { [settingsName]: settings }) }
}

export async function locationsOf(file: string): Promise<Content> {
  const { root } = await openExport(file, 'LisConfiguration.xml')
  return Object.fromEntries([...namedElements(root, 'Location', 'Street'), ...namedElements(root, 'Subnet', 'Address')])
}

/** Rooms, and how many messages and people. */
export async function chatOf(file: string): Promise<{ rooms: Content; messages: number; people: number }> {
  const { root, files } = await openExport(file, 'Rooms.xml')
  const count = (name: string, element: string): number =>
    elementsOf(readXml(files.get(name)?.toString('utf8') ?? ''), element).length
  return {
    rooms: Object.fromEntries(namedElements(root, 'Room', 'Id')),
    messages: count('Messages.xml', 'Message'),
    people: count('Principals.xml', 'Principal'),
  }
}

const itemSet = 'DocItemSet.xml'

function namedElements(root: XmlElement, element: string, attribute: string): [string, string[]][] {
  return elementsOf(root, element).map(({ attributes }) => [attributes.Name ?? '', [attributes[attribute] ?? '']])
}

/** Reads an export. Throws a CmdletError where the file is not there, or is none. */
async function openExport(file: string, main: string): Promise<{ root: XmlElement; files: Map<string, Buffer> }> {
  if (!existsSync(file)) throw new CmdletError('ObjectNotFound', 'FileNotFound', `Could not find file '${file}'.`)
  try {
    const files = await filesIn(readFileSync(file))
    return { root: readXml(files.get(main)?.toString('utf8') ?? ''), files }
  } catch {
    throw new CmdletError('InvalidData', 'InvalidFile', `The file '${file}' is damaged, or is no export of this kind.`)
  }
}

async function filesIn(bytes: Buffer): Promise<Map<string, Buffer>> {
  const zip = await fromBufferPromise(bytes)
  const files = new Map<string, Buffer>()
  for await (const entry of zip.eachEntry())
    files.set(entry.fileName, await buffer(await zip.openReadStreamPromise(entry)))
  return files
}
