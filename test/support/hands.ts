/** What the hands of an operator do for each step of a runbook (domain reference, sections 6.2 to 6.12). */
import { readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { act, actsOf } from '../../src/lab/lab.ts'
import { clusteredOn, handsAtClusters } from './cluster-hands.ts'
import type { DrivenLab } from './driven-lab.ts'

/** One act of the lab: `holdfast lab do KIND SUBJECT DETAIL`. */
export interface Hand {
  kind: string
  subject: string
  detail?: string
}

/** Forks that nothing sees, and the way that is taken here; of others the last: without what was tried. */
export const ways: Readonly<Record<string, string>> = { 'check-fabric': 'serves' }

/** None: the step is looked at or decided, and only said. `command`: what the runbook shows. */
export async function handsFor(id: string, subject: string, driven: DrivenLab, command = ''): Promise<Hand[]> {
  const one = (kind: string, detail?: string): Hand => ({ kind, subject, ...(detail === undefined ? {} : { detail }) })
  switch (id) {
    case 'rebuild-machine':
      return [one('install-windows'), one('join-domain')]
    case 'install-sql-server':
      return [...instancesOn(subject, driven), ...clusteredOn(subject)].map((one) => ({ kind: id, subject: one }))
    case 'create-databases':
      // Who restores needs sysadmin on the instance: granted for that time (docs/how-to/sql-rights.md).
      return [one(id), one('grant-sysadmin')]
    case 'create-central-management-store':
      return [one(id, 'clean')]
    case 'share-file-store':
      return [one('share-folder')]
    case 'restore-file-store':
      return [one('copy-file-store', await copyOf(`file-stores/${subject.slice(2).replace('\\', '_')}`, driven))]
    case 'download-topology':
      return ['download-topology', 'publish-topology'].map((kind) => ({ kind, subject: 'contoso' }))
    case 'install-local-store':
      return [one('install-local-configuration-store', ...(await fileForEdge(subject, driven)))]
    case 'install-components':
      return [one('setup-components')]
    case 'start-server':
      return [one('start-services')]
    case 'reset-pool':
      return [one('start-pool')]
    case 'import-user-data':
      return [one(id, await copyOf(`pools/${subject}/user-data.zip`, driven))]
    case 'import-response-groups':
      return [one(id, await copyOf(`pools/${subject}/response-groups.zip`, driven))]
    case 're-point-edge':
    case 'fail-over-pool':
    case 'sync-conference-content':
    case 'fail-back-pool':
      return [one(id)]
    case 'point-edge-back':
      return [one('re-point-edge', 'back')]
    case 'end-failover':
      return [one('fail-back-pool', 'disaster-mode')]
    case 'enable-topology':
    case 'clear-active-chat-servers':
    case 'set-active-chat-servers':
      return [{ kind: id, subject: 'contoso' }]
    case 'restore-certificates':
    case 'prepare-first-standard-edition':
    case 'point-directory':
    case 'create-local-databases':
    case 'assign-certificates':
    case 'apply-updates':
    case 'stop-services':
    case 'start-services':
      return [one(id)]
    default:
      return handsAtClusters(id, subject, command)
  }
}

/** Throws what the tool says that refuses. */
export async function use({ kind, subject, detail }: Hand, driven: DrivenLab): Promise<void> {
  await act(driven.folder, { kind, subject, detail: detail ?? null }, driven.folder)
  if (kind === 'copy-file-store') await giveNamesBack(localOf(subject, driven))
}

function instancesOn(machine: string, { folder }: DrivenLab): string[] {
  const known = actsOf(folder).find(({ kind }) => kind === 'install-sql-server')?.subjects ?? []
  return known.filter((instance) => instance.split('\\')[0] === machine)
}

/** An Edge Server takes the configuration from a file that somebody carried there. */
async function fileForEdge(server: string, driven: DrivenLab): Promise<string[]> {
  return server.startsWith('edge') ? [await copyOf('configuration/Config.zip', driven)] : []
}

/** A file or folder of the newest set. */
async function copyOf(part: string, { config }: DrivenLab): Promise<string> {
  const share = config.pathMap.find(({ unc }) => /backup/i.test(unc))?.local ?? ''
  const sets = (await readdir(join(share, 'nightly'))).filter((name) => /^\d{8}T/.test(name)).sort()
  return join(share, 'nightly', sets.at(-1) ?? '', 'data', part.toLowerCase().replace('config.zip', 'Config.zip'))
}

/** As this machine reaches it. */
export function localOf(unc: string, { config }: DrivenLab): string {
  const { local = '', unc: prefix = '' } = config.pathMap.find((one) => unc.startsWith(one.unc)) ?? {}
  return local + unc.slice(prefix.length).replaceAll('\\', '/')
}

/** The second line of the step, by hand: a set writes `%` and `=` of a name as `=25` and `=3D`. */
async function giveNamesBack(folder: string): Promise<void> {
  for (const name of (await readdir(folder, { recursive: true })).filter((one) => /=[0-9A-F]{2}/.test(one)))
    await rename(join(folder, name), join(folder, name.replaceAll('=25', '%').replaceAll('=3D', '=')))
}
