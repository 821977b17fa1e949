import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Desired } from '../desired/load.ts'
import { between, chanceOf } from './chance.ts'
import { splitUnc } from './shares.ts'
import type { Topology } from './topology.ts'
import { same } from './world.ts'

/** Folders below a service's own folder (domain reference, section 2.3). */
const foldersOfRole: Record<string, readonly string[]> = {
  ApplicationServer: [
    'AppServerFiles/CPS',
    'AppServerFiles/PDP',
    'AppServerFiles/RGS/AS',
    'AppServerFiles/RGS/Instances',
  ],
  CentralMgmt: ['CMSFileStore/xds-master/replicas', 'CMSFileStore/xds-master/working'],
  WebServices: [
    ...[
      'ABFiles',
      'CollabContent',
      'CollabMetadata',
      'DataConf',
      'DeviceUpdateLogs',
      'DeviceUpdateStore',
      'LMStaticData',
    ],
    ...['MeetingComplianceData', 'MeetingContent', 'MeetingFiles', 'MeetingMetaData', 'WebAuthStore'],
  ],
}

/** Files with names as people and programs give them: all legal on Windows, none of them plain. */
const samplesOf: Record<string, readonly string[]> = {
  'AppServerFiles/CPS': ['Music on hold (Zürich).wma', "d'accueil & plus.wma"],
  'AppServerFiles/PDP': ['bandwidth policy 100%.xml'],
  'AppServerFiles/RGS/AS': ['Ansage_Weihnachten_Öffnungszeiten.wav', '営業時間.wav', 'closed; call back=later.wav'],
  'AppServerFiles/RGS/Instances': ['{queue #1} welcome.wma', `${'long name of a workflow '.repeat(8).trim()}.wma`],
  'CMSFileStore/xds-master/replicas': ['replica-status.zip'],
  'CMSFileStore/xds-master/working': ['data.zip', 'heartbeat.tmp'],
  ABFiles: ['F-0f3a.lsabs', 'F-0f3b.lsabs', 'D-0f3a-0f3b.lsabs'],
  CollabContent: ['slide deck – final (2).pptx.enc', 'annexe été.pdf.enc'],
  DataConf: ['Meeting.Active', 'whiteboard $1.dat', '.hidden state'],
  DeviceUpdateLogs: ['device[00-15-5d].clg'],
  DeviceUpdateStore: ['UCUpdates.cab'],
  MeetingContent: ['Poll~1.xml', 'smile 🙂.png.enc', 'UPPER lower MiXeD.TXT'],
  MeetingMetaData: ['meeting+notes,v2.xml', 'trailing space inside .xml'],
  WebAuthStore: ['certificate-cache.bin'],
}

/** Names of the service folders of a store: as desired, else as the services that use it are numbered. */
export function serviceFoldersOf(store: Desired['fileStores'][number], topology: Topology): string[] {
  if (store.serviceFolders.length > 0) return [...store.serviceFolders]
  const { server, parts } = splitUnc(store.path)
  const service = topology.services.find(({ role, installedOn: { cluster }, attributes }) => {
    const host = topology.clusters.find(({ site, number }) => site === cluster.site && number === cluster.number)
    return role === 'FileStore' && same(host?.fqdn ?? '', server) && same(attributes.ShareName ?? '', parts.join('\\'))
  })
  return topology.services
    .filter(
      ({ role, dependsOn }) =>
        role in foldersOfRole &&
        dependsOn.some(
          (one) => one.role === 'FileStore' && one.site === service?.site && one.instance === service.instance,
        ),
    )
    .map(({ site, role, instance }) => `${site}-${role}-${instance}`)
}

/**
 * A believable file store, the same for the same seed: service folders with content, odd names, empty folders, a
 * `Meeting.Active` and the replication spool. `meetings`: how many meetings have left files.
 */
export function growFileStore(folder: string, serviceFolders: readonly string[], seed: string, meetings: number): void {
  const chance = chanceOf(seed)
  mkdirSync(folder, { recursive: true })
  for (const name of serviceFolders) {
    const role = name.split('-')[1] ?? ''
    mkdirSync(join(folder, name), { recursive: true })
    for (const below of foldersOfRole[role] ?? []) {
      const place = join(folder, name, below)
      mkdirSync(place, { recursive: true })
      for (const file of samplesOf[below] ?? []) grow(join(place, file), chance)
      if (below === 'MeetingFiles') growMeetings(place, meetings, chance)
    }
  }
}

function growMeetings(place: string, meetings: number, chance: () => number): void {
  for (let number = 1; number <= meetings; number++) {
    const meeting = join(place, `conf-${between(chance, 10_000, 99_999)}-${number}`)
    mkdirSync(join(meeting, 'attachments'), { recursive: true })
    grow(join(meeting, 'content.json'), chance)
    if (number % 3 === 0) grow(join(meeting, 'attachments', `agenda ${number}.docx.enc`), chance)
  }
}

function grow(file: string, chance: () => number): void {
  const line = `${chance().toString(36)} ${chance().toString(36)}\n`
  writeFileSync(file, line.repeat(between(chance, 4, 300)))
  const written = new Date(
    Date.UTC(2026, between(chance, 0, 5), between(chance, 1, 28), between(chance, 6, 20), between(chance, 0, 59)),
  )
  utimesSync(file, written, written)
}
