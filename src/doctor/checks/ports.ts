import { uncServer } from '../../base/fields.ts'
import { Problem } from '../../base/problem.ts'
import { smbPort } from '../../domain/endpoints.ts'
import type { Desired } from '../../domain/model.ts'
import { distinct } from '../../domain/subject.ts'
import type { Drivers } from '../../drivers/drivers.ts'
import type { Check } from '../check.ts'

/** The file servers, the backup machines and those with copies take connections for file sharing. */
export function smbChecks(desired: Desired, { network }: Pick<Drivers, 'network'>): Check[] {
  const shares = [
    ...desired.fileStores.map(({ path }) => path),
    ...desired.locations.flatMap(({ share, copies }) => [share, ...copies.map((copy) => copy.share)]),
  ]
  return distinct(shares.map(uncServer)).map((host) => ({
    ...{ name: 'smb', subject: host, group: 'network', deadlineSeconds: 30 },
    async attempt(signal) {
      if (await network.accepts(host, smbPort, signal)) return `port ${smbPort} takes connections`
      throw new Problem('port-closed', {
        subject: host,
        message: `${host} takes no connection on port ${smbPort}, on which Windows shares files.`,
        hint: `See whether the machine runs, its service Server (LanmanServer) too, and what firewall stands between: Test-NetConnection ${host} -Port ${smbPort}`,
      })
    },
  }))
}
