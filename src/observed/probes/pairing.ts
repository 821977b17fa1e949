import type { Facts, PairingModule } from '../../domain/facts.ts'
import { homesUsers } from '../../domain/inventory.ts'
import { onlyObject, textIn, textsOf, unreadable, type Answer } from '../answer.ts'
import type { Probe } from '../probe.ts'

export const pairingProbe: Probe<'pairing'> = {
  source: 'Get-CsPoolBackupRelationship, Get-CsBackupServiceStatus',
  deadlineSeconds: 120,
  atOnce: 'shell',
  subjects: ({ pools }) => pools.filter(homesUsers).map(({ fqdn }) => fqdn),
  async look(subject, { drivers: { probeShell } }, signal) {
    const pool = { PoolFqdn: subject }
    const partner = readPartner(onlyObject(await probeShell.call('pool-pairing', pool, signal)))
    if (partner === null) return { partner, modules: [] }
    const status = onlyObject(await probeShell.call('backup-service-status', pool, signal))
    if (status === null) throw unreadable('it holds no object')
    return { partner, modules: readModules(status) }
  },
  essence: ({ partner }: Facts['pairing']) => partner,
}

/** Null: not paired. Throws Problem `answer-unreadable` where the relation names nobody in a way that is known. */
export function readPartner(relation: Answer | null): string | null {
  if (relation === null || relation['BackupPoolFqdn'] === '') return null
  const partner = textIn(relation, 'BackupPoolFqdn')
  if (partner === null) throw unreadable('its property BackupPoolFqdn is missing')
  return partner
}

/** `UserServices.PresenceFocus:[FinalState,NormalState]`: a module, its export and its import ("Get-CsBackupServiceStatus"). */
export function readModules(status: Answer): PairingModule[] {
  return textsOf(status, 'BackupModules').map((text) => {
    const [, name, exportStatus, importStatus] = /^\s*([\w.]+)\s*:\s*\[\s*(\w+)\s*,\s*(\w+)\s*\]\s*$/.exec(text) ?? []
    if (name === undefined || exportStatus === undefined || importStatus === undefined)
      throw unreadable(`${JSON.stringify(text)} is no module with its states`)
    return { name, exportStatus, importStatus }
  })
}
