import type { Desired } from '../desired/load.ts'
import { same, type LabHost, type NameRecord } from './world.ts'

/** What the name servers of the deployment hold (domain reference, section 8.6). */
export function namesOf(desired: Desired, hosts: readonly LabHost[]): NameRecord[] {
  const records: NameRecord[] = []
  const addressOf = (fqdn: string): string[] =>
    hosts.filter((host) => same(host.fqdn, fqdn)).map(({ address }) => address)
  const add = (name: string, addresses: readonly string[]): void => {
    for (const address of addresses)
      if (!records.some((other) => other.type === 'A' && same(other.name, name) && other.address === address))
        records.push({ name, type: 'A', address })
  }
  for (const host of hosts) add(host.fqdn, [host.address])
  for (const pool of desired.pools) add(pool.fqdn, pool.servers.flatMap(addressOf))
  const home = desired.pools.find(({ type }) => type === 'front-end' || type === 'standard-edition')
  const edge = desired.pools.find(({ type }) => type === 'edge')
  for (const domain of desired.deployment.sipDomains) {
    const inside = home?.servers.flatMap(addressOf) ?? []
    for (const name of ['sip', 'meet', 'dialin', 'admin', 'ucupdates-r2', 'lyncdiscoverinternal', 'lyncdiscover'])
      add(`${name}.${domain}`, inside)
    if (home) records.push(service(`_sipinternaltls._tcp.${domain}`, 5061, home.fqdn))
    if (edge) {
      records.push(service(`_sip._tls.${domain}`, 443, edge.fqdn))
      records.push(service(`_sipfederationtls._tcp.${domain}`, 5061, edge.fqdn))
    }
  }
  return records
}

function service(name: string, port: number, target: string): NameRecord {
  return { name, type: 'SRV', priority: 0, weight: 0, port, target }
}
