import type { ReplicaFacts } from '../../domain/facts.ts'
import { booleanIn, objectsOf, requiredText, timeIn, type Answer } from '../answer.ts'
import type { Probe } from '../probe.ts'

/** All replicas in one call. */
export const replicationProbe: Probe<'replication'> = {
  source: 'Get-CsManagementStoreReplicationStatus',
  deadlineSeconds: 120,
  atOnce: 'shell-first',
  subjects: ({ deployment }) => [deployment.name],
  async look(_subject, { drivers }, signal) {
    return { replicas: readReplicas(objectsOf(await drivers.probeShell.call('replication', {}, signal))) }
  },
  // A replica reports all the time: that makes it no other replica.
  essence: ({ replicas }) => replicas.map(({ fqdn, upToDate }) => ({ fqdn, upToDate })),
}

/** Sorted by name. Throws Problem `answer-unreadable` for a replica without a name. */
export function readReplicas(answers: readonly Answer[]): ReplicaFacts[] {
  return answers
    .map((answer) => ({
      fqdn: requiredText(answer, 'ReplicaFqdn'),
      upToDate: booleanIn(answer, 'UpToDate'),
      lastStatusReport: timeIn(answer, 'LastStatusReport'),
      lastUpdateCreation: timeIn(answer, 'LastUpdateCreation'),
    }))
    .sort((a, b) => (a.fqdn < b.fqdn ? -1 : 1))
}
