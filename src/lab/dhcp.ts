import type { Desired } from '../desired/load.ts'
import type { LabDhcpServer } from './world.ts'

/** It tells clients and phones where the first pool is (options 120 and 43: domain reference, section 6.13). */
export function buildDhcpServer({ deployment, pools }: Desired): LabDhcpServer {
  const home = pools.find(({ type }) => type === 'front-end' || type === 'standard-edition')
  const pool = home?.fqdn ?? deployment.domain
  return {
    fqdn: `dhcp01.${deployment.domain}`,
    options: [
      { id: 120, vendor: '', value: sipServerOption(pool) },
      ...['MS-UC-Client', 'https', pool, '443', '/CertProv/CertProvisioningService.svc'].map((text, index) => ({
        ...{ id: index + 1, vendor: 'MSUCClient', value: bytes(Buffer.from(text)) },
      })),
    ],
  }
}

/** Option 120 (RFC 3361): encoding 0, then the labels of the name, each behind its length. */
export function sipServerOption(fqdn: string): string[] {
  const labels = fqdn.split('.').flatMap((label) => [label.length, ...Buffer.from(label)])
  return bytes([0, ...labels, 0])
}

function bytes(values: Iterable<number>): string[] {
  return [...values].map((value) => `0x${value.toString(16).padStart(2, '0')}`)
}
