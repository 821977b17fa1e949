import { hosts } from '../../domain/hosts.ts'
import type { Probe } from '../probe.ts'
import { distinct } from '../subjects.ts'

/**
 * The names that must answer the same at restore time: machines, pools, SQL listeners, and those by which clients find
 * the deployment from inside (domain reference, section 8.6). External names are asked of no internal server.
 */
export const dnsProbe: Probe<'dns'> = {
  source: 'DNS',
  everySeconds: 300,
  deadlineSeconds: 10,
  atOnce: 8,
  subjects: (desired) =>
    distinct([
      ...hosts(desired).map(({ fqdn }) => fqdn),
      ...desired.pools.map(({ fqdn }) => fqdn),
      ...desired.sqlStores.map(({ host }) => host),
      ...desired.deployment.sipDomains.flatMap((domain) => [
        `sip.${domain}`,
        `lyncdiscoverinternal.${domain}`,
        `_sipinternaltls._tcp.${domain}`,
      ]),
    ]),
  async look(subject, { drivers }, signal) {
    return { answers: await drivers.network.resolve(subject, subject.startsWith('_') ? 'SRV' : 'A', signal) }
  },
}
