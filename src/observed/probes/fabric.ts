import type { Facts } from '../../domain/facts.ts'
import { linesOf, unreadable } from '../answer.ts'
import type { Probe } from '../probe.ts'

export const fabricProbe: Probe<'fabric'> = {
  source: 'Get-CsPoolFabricState',
  deadlineSeconds: 180,
  atOnce: 'shell',
  subjects: ({ pools }) => pools.filter(({ type }) => type === 'front-end').map(({ fqdn }) => fqdn),
  async look(subject, { drivers }, signal) {
    return readFabric(linesOf(await drivers.probeShell.call('fabric', { PoolFqdn: subject }, signal)))
  },
}

/** Routing groups with the servers of their replicas. Throws Problem `answer-unreadable` where no group is told. */
export function readFabric(lines: readonly string[]): Facts['fabric'] {
  const groups: { primary: boolean; secondary: boolean }[] = []
  for (const line of lines) {
    const [, key = '', value = ''] = /^\s*(routing ?group|primary|secondary)\b[^:]*:\s*(.*?)\s*$/i.exec(line) ?? []
    const group = groups.at(-1)
    if (key.toLowerCase().startsWith('routing')) groups.push({ primary: false, secondary: false })
    else if (key !== '' && group) group[key.toLowerCase() as 'primary' | 'secondary'] ||= isServer(value)
  }
  if (groups.length === 0) throw unreadable('it tells of no routing group')
  return {
    routingGroups: groups.length,
    withoutPrimary: groups.filter(({ primary }) => !primary).length,
    withoutSecondary: groups.filter(({ secondary }) => !secondary).length,
  }
}

function isServer(value: string): boolean {
  if (value === '') return false
  if (/^[a-z0-9][\w-]*(?:\.[\w-]+)+$/i.test(value)) return true
  throw unreadable(`${JSON.stringify(value)} is the name of no server`)
}
