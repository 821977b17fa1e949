import { foldSubject } from './subject.ts'

/** Databases that a backup must bring back, as exports or as backups (domain reference, section 2.2). */
const kept = ['xds', 'lis', 'rtcxds', 'rgsconfig', 'LcsLog', 'LcsCDR', 'QoEMetrics', 'mgc']
/** Those that are made again empty, or covered by an export. */
const transient = ['rtcshared', 'rtcab', 'rtcab1', 'rgsdyn', 'cpsdyn', 'mgccomp']

const keptNames: ReadonlySet<string> = new Set(kept.map(foldSubject))
const allNames: ReadonlySet<string> = new Set([...kept, ...transient].map(foldSubject))

/** Whether the loss of a database of this name calls for a restore. */
export function isKeptDatabase(name: string): boolean {
  return keptNames.has(foldSubject(name))
}

/** Whether a store of the topology has a database of this name; others on its instance are not ours to judge. */
export function isLyncDatabase(name: string): boolean {
  return allNames.has(foldSubject(name))
}
