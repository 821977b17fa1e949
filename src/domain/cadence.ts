/** How often each fact is looked at, and how long what was seen may be used: one table for all who ask. */
import { addSeconds, type Time } from '../base/time.ts'
import type { Facts } from './facts.ts'

/** Facts that are looked at again and again: the Git source reports itself, and what a set recorded never changes. */
export type ProbedFact = Exclude<keyof Facts, 'source' | 'environmentRecord'>

export interface Cadence {
  everySeconds: number
  /** What was seen longer ago than this is unknown. Several times the cadence, more where cmdlets queue. */
  validSeconds: number
}

const minute = 60
const hour = 3600

export const cadences: Readonly<Record<ProbedFact, Cadence>> = {
  location: { everySeconds: minute, validSeconds: 15 * minute },
  ports: { everySeconds: minute, validSeconds: 15 * minute },
  sqlInstance: { everySeconds: minute, validSeconds: 15 * minute },
  fileStore: { everySeconds: minute, validSeconds: 15 * minute },
  dns: { everySeconds: 5 * minute, validSeconds: hour },
  tls: { everySeconds: 15 * minute, validSeconds: 3 * hour },
  webCertificates: { everySeconds: hour, validSeconds: 6 * hour },
  services: { everySeconds: 2 * minute, validSeconds: 3 * hour },
  replication: { everySeconds: 2 * minute, validSeconds: hour },
  centralManagement: { everySeconds: 5 * minute, validSeconds: hour },
  publishedTopology: { everySeconds: 5 * minute, validSeconds: 3 * hour },
  fabric: { everySeconds: 5 * minute, validSeconds: 3 * hour },
  pairing: { everySeconds: 5 * minute, validSeconds: 3 * hour },
  poolStates: { everySeconds: 5 * minute, validSeconds: hour },
  simpleUrls: { everySeconds: hour, validSeconds: 6 * hour },
  oauthCertificate: { everySeconds: hour, validSeconds: 6 * hour },
  complianceAdapter: { everySeconds: hour, validSeconds: 6 * hour },
  databaseTests: { everySeconds: 15 * minute, validSeconds: 3 * hour },
  patchLevels: { everySeconds: hour, validSeconds: 6 * hour },
  dhcp: { everySeconds: hour, validSeconds: 6 * hour },
}

/** While somebody rebuilds, who waits for the next step waits for a look: none comes less often than this, of these facts sooner. */
const longestWhileRecoveringSeconds = 5 * minute

const whileRecoveringSeconds: Readonly<Partial<Record<ProbedFact, number>>> = {
  dns: minute,
  tls: 2 * minute,
  services: minute,
  replication: minute,
  centralManagement: 2 * minute,
  publishedTopology: 2 * minute,
  fabric: 2 * minute,
  poolStates: 2 * minute,
  databaseTests: 2 * minute,
}

/** `isRecovering`: a `Recovery` in Git is not finished. */
export function paceOf(fact: ProbedFact, isRecovering: boolean): number {
  const { everySeconds } = cadences[fact]
  return isRecovering
    ? Math.min(everySeconds, whileRecoveringSeconds[fact] ?? longestWhileRecoveringSeconds)
    : everySeconds
}

/** That an observation still holds is written down when what is written is older than this. */
export const writtenSeconds = 5 * minute

/**
 * Something new is judged beside what others answered at that time, by whoever reads the store: so it brings the times
 * of all others up, but not more often than this.
 */
export const writtenTogetherSeconds = 30

/** What another clock, or a look that ended just now, may be ahead of us. */
const aheadSeconds = 60

/** What was seen before `from`, or after `to`, may not be used now. */
export function validSpan(fact: ProbedFact, now: Time): { from: Time; to: Time } {
  return { from: addSeconds(now, -cadences[fact].validSeconds), to: addSeconds(now, aheadSeconds) }
}
