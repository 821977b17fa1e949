import { Problem, toProblem } from '../../base/problem.ts'
import type { ProblemCode } from '../../base/problem-codes.ts'
import { portsOf, smbPort, sqlAddresses, tlsListeners } from '../../domain/endpoints.ts'
import type { Desired } from '../../domain/model.ts'
import { distinct, sameSubject } from '../../domain/subject.ts'
import type { Drivers } from '../../drivers/drivers.ts'
import { checksOf, onlyAfter, type Check, type ChecksByHost } from '../check.ts'
import { shareHosts } from './ports.ts'

/** Each machine that something is asked of takes a connection, on whatever port: otherwise no port says more. */
export function machineChecks(
  desired: Desired,
  names: ChecksByHost,
  drivers: Pick<Drivers, 'network' | 'sql'>,
): ChecksByHost {
  const known = portsOf(desired)
  const sql = sqlAddresses(desired)
  const all = [...tlsListeners(desired), ...sql].map(({ host }) => host).concat(shareHosts(desired))
  return checksOf(
    distinct(all).map((host) => {
      const { ports } = known.find((one) => sameSubject(one.host, host)) ?? { ports: [smbPort] }
      const instances = sql.filter((one) => sameSubject(one.host, host)).map((address) => drivers.sql(address))
      return machineCheck(host, ports, instances, names, drivers)
    }),
  )
}

function machineCheck(
  host: string,
  ports: readonly number[],
  instances: readonly ReturnType<Drivers['sql']>[],
  names: ChecksByHost,
  { network }: Pick<Drivers, 'network'>,
): Check {
  return {
    ...{ name: 'machine', subject: host, group: 'network', deadlineSeconds: 90 },
    ...onlyAfter(names.of(host)),
    async attempt(signal) {
      const accepted = await Promise.all(ports.map((port) => network.accepts(host, port, signal)))
      const open = ports.filter((_port, index) => accepted[index])
      if (open.length > 0) return `accepts connections on port ${open.join(', ')}`
      // The port of an instance may be known to SQL Server Browser only, and a firewall may let through nothing else.
      for (const instance of instances) if (await speaks(instance, signal)) return 'SQL Server answers'
      throw new Problem('host-unreachable', {
        subject: host,
        message: `${host} does not accept connections on any port that was tried.`,
        hint: `Check that the machine runs, with the services that listen there, and that no firewall is in the way: Test-NetConnection ${host} -Port ${ports[0] ?? smbPort}`,
      })
    },
  }
}

/** A refusal is an answer too. */
async function speaks(instance: ReturnType<Drivers['sql']>, signal: AbortSignal): Promise<boolean> {
  try {
    await instance.facts(signal)
    return true
  } catch (thrown) {
    signal.throwIfAborted()
    return !silent.has(toProblem(thrown).code)
  }
}

const silent: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'sql-refused',
  'sql-timeout',
  'sql-unreachable',
  'sql-name-not-found',
  'sql-browser-silent',
])
