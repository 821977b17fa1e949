import type { PairingModule } from './facts.ts'

const steady: ReadonlySet<string> = new Set(['FinalState', 'SteadyState'])

/**
 * What is wrong with a module of a backup service ("Get-CsBackupServiceStatus"; domain reference, section 7.6); null: nothing
 * is, and a word that the documents do not know says nothing. `central`: the Central Management store is active on its pool.
 */
export function faultOf(
  { name, exportStatus, importStatus }: PairingModule,
  central: boolean,
): { says: string; error: boolean } | null {
  if (exportStatus === 'ErrorState' || importStatus === 'ErrorState')
    return { says: `${exportStatus}, ${importStatus}`, error: true }
  if (steady.has(exportStatus)) return null
  if (exportStatus === 'NonSteadyState') return { says: 'changes exceed its capacity', error: false }
  return exportStatus === 'NotInitialized' && mustHaveStarted(name, central)
    ? { says: 'never exported', error: false }
    : null
}

/** "Normal on the pool without the active CMS"; Response Groups are replicated only where somebody switched it on. */
function mustHaveStarted(module: string, central: boolean): boolean {
  if (module === 'CentralMgmt.CMSMaster') return central
  return module === 'UserServices.PresenceFocus' || module === conferenceContent
}

/** The module that replicates what was uploaded to meetings ("Restoring conference contents using the Backup Service"). */
export const conferenceContent = 'ConfServices.DataConf'
