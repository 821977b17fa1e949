import { objectsOf, textIn, requiredText, type Answer } from '../answer.ts'
import type { Facts } from '../../domain/facts.ts'
import type { Probe } from '../probe.ts'

/** As the replicas report it: `Get-CsServerPatchVersion` tells only of the machine where it runs. */
export const patchLevelsProbe: Probe<'patchLevels'> = {
  source: 'Get-CsManagementStoreReplicationStatus',
  deadlineSeconds: 120,
  atOnce: 'shell-first',
  subjects: ({ deployment }) => [deployment.name],
  async look(_subject, { drivers }, signal) {
    return { servers: readPatchLevels(objectsOf(await drivers.probeShell.call('replication', {}, signal))) }
  },
}

/** Only servers that told a version, sorted by name. */
export function readPatchLevels(answers: readonly Answer[]): Facts['patchLevels']['servers'] {
  return answers
    .flatMap((answer) => {
      const version = textIn(answer, 'ProductVersion')
      return version === null ? [] : [{ fqdn: requiredText(answer, 'ReplicaFqdn'), version }]
    })
    .sort((a, b) => (a.fqdn < b.fqdn ? -1 : 1))
}
