import type { Facts } from '../../domain/facts.ts'
import { sqlSubject } from '../../domain/subject.ts'
import type { Subject } from '../../domain/words.ts'
import type { ShellHost } from '../../drivers/shell/host.ts'
import { onlyObject, textAnswer, textIn, textsOf, unreadable, type Answer } from '../answer.ts'
import type { Probe } from '../probe.ts'

export const centralManagementProbe: Probe<'centralManagement'> = {
  source: 'Get-CsConfigurationStoreLocation, Get-CsManagementStoreReplicationStatus',
  deadlineSeconds: 120,
  atOnce: 'shell-first',
  subjects: ({ deployment }) => [deployment.name],
  async look(_subject, { drivers: { probeShell } }, signal) {
    const location = await locate(probeShell, signal)
    const status = { CentralManagementStoreStatus: true }
    const answer = onlyObject(await probeShell.call('central-management-status', status, signal))
    if (answer === null) throw unreadable('it holds no object')
    return { location, ...readMaster(answer) }
  },
}

/** Lync Server 2013 answers with an object, other versions with a text. */
async function locate(shell: ShellHost, signal: AbortSignal): Promise<Subject | null> {
  const answer = onlyObject(await shell.call('configuration-store-location', {}, signal))
  if (answer === null) return null
  const server = textIn(answer, 'BackEndServer')
  return readLocation(server ?? textAnswer(await shell.call('configuration-store-location-as-text', {}, signal)))
}

/**
 * `sql01.contoso.com\\rtc`, also with a slash, as the subject of that instance; null for an empty text. Throws Problem
 * `answer-unreadable` for any other text, such as the name of a type.
 */
export function readLocation(text: string): Subject | null {
  if (text.trim() === '') return null
  const [, host, instance = ''] = /^\s*([\w.-]+)(?:[\\/]([\w$#-]+))?\s*$/.exec(text) ?? []
  if (host === undefined || host.startsWith('Microsoft.'))
    throw unreadable(`${JSON.stringify(text)} is no SQL instance`)
  return sqlSubject({ host, instance })
}

export function readMaster(answer: Answer): Omit<Facts['centralManagement'], 'location'> {
  return {
    activeMaster: textIn(answer, 'ActiveMasterFqdn'),
    fileTransferAgents: [...textsOf(answer, 'ActiveFileTransferAgents')].sort(),
  }
}
