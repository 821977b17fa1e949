import { uncServer } from '../../base/fields.ts'
import { Problem } from '../../base/problem.ts'
import { smbPort } from '../../domain/endpoints.ts'
import type { Desired } from '../../domain/model.ts'
import { distinct } from '../../domain/subject.ts'
import type { Drivers } from '../../drivers/drivers.ts'
import { checksOf, onlyAfter, type Check, type ChecksByHost } from '../check.ts'

/** The file servers, the backup machines and those with copies. */
export function shareHosts({ fileStores, locations }: Desired): string[] {
  const shares = [
    ...fileStores.map(({ path }) => path),
    ...locations.flatMap(({ share, copies }) => [share, ...copies.map((copy) => copy.share)]),
  ]
  return distinct(shares.map(uncServer))
}

/** Each of them takes connections for file sharing. */
export function smbChecks(
  desired: Desired,
  machines: ChecksByHost,
  { network }: Pick<Drivers, 'network'>,
): ChecksByHost {
  return checksOf(
    shareHosts(desired).map((host): Check => ({
      ...{ name: 'smb', subject: host, group: 'network', deadlineSeconds: 30 },
      ...onlyAfter(machines.of(host)),
      async attempt(signal) {
        if (await network.accepts(host, smbPort, signal)) return `port ${smbPort} accepts connections`
        throw new Problem('port-closed', {
          subject: host,
          message: `${host} does not accept connections on port ${smbPort}, on which Windows shares files.`,
          hint: `Check that its service Server (LanmanServer) runs and that no firewall is in the way: Test-NetConnection ${host} -Port ${smbPort}`,
        })
      },
    })),
  )
}
