import { isAbsolute, resolve } from 'node:path'
import { Problem } from '../base/problem.ts'
import { impossible, type Act } from './act.ts'
import type { Bench } from './break.ts'
import {
  clearActiveChatServers,
  importConfiguration,
  importLocations,
  importPersistentChat,
  importResponseGroups,
  importUserData,
  publishLocations,
  replicateConfiguration,
  setActiveChatServers,
  updateUserData,
} from './do-data.ts'
import { failBackPool, failOverPool, rePointEdge, syncConferenceContent, uploadContent } from './do-pairs.ts'
import { failOverCentralManagement } from './do-central-management.ts'
import {
  buildWindowsCluster,
  createAvailabilityGroup,
  joinAvailabilityGroup,
  leaveAvailabilityGroup,
} from './do-clusters.ts'
import { applyUpdates, installWindows, joinDomain } from './do-machines.ts'
import { createMirror, failOverMirror, publishStoreAlone, publishStoreMirrored, removeMirror } from './do-mirrors.ts'
import {
  createCentralManagementStore,
  createCertificate,
  createConfiguredDatabases,
  createLocalDatabases,
  grantSysadmin,
  installSqlServer,
  prepareFirstStandardEdition,
} from './do-sql.ts'
import {
  copyFileStore,
  downloadTopology,
  enableTopology,
  pointDirectory,
  publishTopology,
  shareFolder,
} from './do-topology.ts'
import {
  assignCertificates,
  installLocalConfigurationStore,
  restoreCertificates,
  setupComponents,
  startMember,
  startPool,
  stopMember,
} from './do-wizard.ts'
import { goOn } from './life.ts'
import { CmdletError } from './shell-view.ts'
import { settlePools } from './user-store.ts'
import { same } from './world.ts'

/** In the order in which a restore needs them. */
const acts: readonly Act[] = [
  ...[installWindows, joinDomain, installSqlServer, restoreCertificates, shareFolder, copyFileStore],
  ...[prepareFirstStandardEdition, createCentralManagementStore, pointDirectory, enableTopology, downloadTopology],
  ...[publishTopology, createConfiguredDatabases, createLocalDatabases, grantSysadmin, createMirror, removeMirror],
  createCertificate,
  ...[failOverMirror, publishStoreAlone, publishStoreMirrored, failOverCentralManagement],
  ...[buildWindowsCluster, createAvailabilityGroup, joinAvailabilityGroup, leaveAvailabilityGroup],
  ...[installLocalConfigurationStore, setupComponents, assignCertificates, applyUpdates, startMember, stopMember],
  ...[startPool, replicateConfiguration, importConfiguration, importLocations, publishLocations, importUserData],
  ...[rePointEdge, failOverPool, failBackPool, syncConferenceContent, uploadContent],
  ...[importResponseGroups, importPersistentChat, updateUserData, clearActiveChatServers, setActiveChatServers],
]

export interface ActRequest {
  kind: string
  subject: string
  /** Null: the first detail of the act. */
  detail: string | null
}

/** Every act, with the subjects that this lab has; without a lab, none. */
export function listActs(
  bench: Bench | null,
): { kind: string; subjects: string[]; details: string[]; path?: string; does: string }[] {
  return acts.map(({ kind, details, path, does, subjects }) => ({
    ...{ kind, subjects: bench ? subjects(bench) : [], details: [...details] },
    ...(path === undefined ? {} : { path }),
    does,
  }))
}

/** Does it. Throws Problem `lab-act-unknown`; `lab-act-impossible` with the words of the tool that refused. */
export async function doIt(bench: Bench, { kind, subject, detail }: ActRequest): Promise<void> {
  const act = acts.find((one) => one.kind === kind)
  if (!act) throw unknown(`There is no act ${kind}.`, `The acts: ${acts.map((one) => one.kind).join(', ')}.`)
  const known = act.accepts?.(bench, subject) === true ? subject : act.subjects(bench).find((one) => same(one, subject))
  if (known === undefined)
    throw unknown(`${kind} knows no subject ${subject} in this lab.`, 'holdfast lab do --list names the subjects.')
  try {
    await act.apply(bench, known, detailOf(bench, act, detail))
  } catch (thrown) {
    throw thrown instanceof CmdletError ? impossible(known, thrown.message) : thrown
  }
  settlePools(bench.world)
  goOn(bench.world)
}

function detailOf(bench: Bench, act: Act, detail: string | null): string {
  const wanted = detail ?? act.details[0]
  if (wanted !== undefined && (act.details.includes(wanted) || act.path !== undefined || act.takes?.(bench, wanted)))
    return wanted
  if (act.path !== undefined) throw unknown(`${act.kind} needs a path: ${act.path}.`, 'Add it behind the subject.')
  if (wanted === undefined) return ''
  throw unknown(`${act.kind} knows no ${wanted}.`, `Its details: ${act.details.join(', ') || 'none'}.`)
}

/** A path as the lab understands it wherever its process runs; `folder`: the one that the path is relative to. */
export function absolutePath(request: ActRequest, folder: string): ActRequest {
  const act = acts.find((one) => one.kind === request.kind)
  const { detail } = request
  if (act?.path === undefined || detail === null || act.details.includes(detail) || detail.startsWith('\\\\'))
    return request
  return { ...request, detail: isAbsolute(detail) ? detail : resolve(folder, detail) }
}

function unknown(message: string, hint: string): Problem {
  return new Problem('lab-act-unknown', { message, hint })
}
