import type { Facts } from '../../domain/facts.ts'
import { objectsOf, textIn, requiredText, textsOf, unreadable, type Answer } from '../answer.ts'
import type { Probe } from '../probe.ts'

type Option = Facts['dhcp']['servers'][number]['options'][number]

/** Every DHCP server that Active Directory authorises; one that does not answer makes all unknown. */
export const dhcpProbe: Probe<'dhcp'> = {
  source: 'Get-DhcpServerv4OptionValue',
  deadlineSeconds: 300,
  atOnce: 'shell',
  subjects: ({ deployment }) => [deployment.name],
  async look(_subject, { drivers: { probeShell } }, signal) {
    const names = objectsOf(await probeShell.call('dhcp-servers', {}, signal)).map((one) =>
      requiredText(one, 'DnsName'),
    )
    const servers: Facts['dhcp']['servers'][number][] = []
    for (const name of names.sort()) {
      const answers = objectsOf(await probeShell.call('dhcp-options', { ComputerName: name, All: true }, signal))
      servers.push({ name, options: readOptions(answers) })
    }
    return { servers }
  },
}

const sipServers = 120
const vendorSpecific = 43
/** The class under which DHCPUtil writes what phones find in option 43 ("Configuring DHCP options"). */
const phones = /^MS-?UC-?Client$/i

/** Options 43 and 120; the parts of the vendor class of phones count as option 43. */
export function readOptions(answers: readonly Answer[]): Option[] {
  const options: Option[] = []
  const parts: Option[] = []
  for (const answer of answers) {
    const id = answer['OptionId']
    if (typeof id !== 'number') throw unreadable('its property OptionId is no number')
    const vendorClass = textIn(answer, 'VendorClass')
    const value = textsOf(answer, 'Value').join(' ')
    if (vendorClass !== null && phones.test(vendorClass)) parts.push({ id, value })
    else if (vendorClass === null && (id === vendorSpecific || id === sipServers)) options.push({ id, value })
  }
  const whole = parts.sort((a, b) => a.id - b.id).map(({ id, value }) => `${id}=${value}`)
  if (whole.length > 0) options.push({ id: vendorSpecific, value: whole.join('; ') })
  return options.sort((a, b) => a.id - b.id || (a.value < b.value ? -1 : 1))
}
