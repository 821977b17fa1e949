import { isIP } from 'node:net'
import { Problem } from '../../base/problem.ts'
import type { Config } from '../../config/config.ts'
import { isServiceName, namesOf } from '../../domain/endpoints.ts'
import type { Desired } from '../../domain/model.ts'
import { distinct, foldSubject } from '../../domain/subject.ts'
import type { Drivers } from '../../drivers/drivers.ts'
import { checksOf, onlyAfter, type Check, type ChecksByHost } from '../check.ts'
import { shareHosts } from './ports.ts'

/** One name may have lost its record; where none of these gets an answer, no name does. */
const askedForAll = 3

/** A name server answers, whatever it answers. */
export function dnsCheck(desired: Desired, config: Pick<Config, 'dns'>, { network }: Pick<Drivers, 'network'>): Check {
  const names = distinct([desired.deployment.domain, ...namesOf(desired)]).slice(0, askedForAll)
  return {
    ...{ name: 'dns', subject: config.dns.servers.join(', ') || 'this machine', group: 'network', deadlineSeconds: 30 },
    async attempt(signal) {
      try {
        await Promise.any(names.map((name) => network.resolve(name, 'A', signal)))
        return 'questions are answered'
      } catch (thrown) {
        throw thrown instanceof AggregateError ? thrown.errors[0] : thrown
      }
    },
  }
}

/** The names of the deployment, of the backup machines and of every share have an answer. `of`: what a connection to a host depends on. */
export function nameChecks(
  desired: Desired,
  dns: readonly Check[],
  { hosts }: Pick<Config, 'hosts'>,
  { network }: Pick<Drivers, 'network'>,
): ChecksByHost {
  const all = distinct([...namesOf(desired), ...desired.locations.map(({ host }) => host), ...shareHosts(desired)]).map(
    (name): Check => ({
      ...{ name: 'name', subject: name, group: 'network', deadlineSeconds: 20 },
      ...onlyAfter(dns),
      async attempt(signal) {
        const type = isServiceName(name) ? 'SRV' : 'A'
        const answers = await network.resolve(name, type, signal)
        if (answers.length > 0) return answers.join(', ')
        throw new Problem('name-unresolved', {
          subject: name,
          message: `No name server knows ${name}.`,
          hint: `Add the ${type} record, or correct the name by a commit. To ask by hand: nslookup -type=${type} ${name}`,
        })
      },
    }),
  )
  const named = checksOf(all)
  return {
    all,
    of(host) {
      const address = hosts[foldSubject(host)]?.address ?? null
      if (address !== null) return isIP(address) === 0 ? dns : []
      const own = named.of(host)
      return own.length > 0 ? own : dns
    },
  }
}
