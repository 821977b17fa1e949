import { isServiceName, namesOf, outsideNamesOf } from '../../domain/endpoints.ts'
import { distinct } from '../../domain/subject.ts'
import type { Probe } from '../probe.ts'

export const dnsProbe: Probe<'dns'> = {
  source: 'DNS',
  deadlineSeconds: 10,
  atOnce: 8,
  subjects: (desired, topology) => distinct([...namesOf(desired, topology), ...outsideNamesOf(desired, topology)]),
  async look(subject, { drivers }, signal) {
    return { answers: await drivers.network.resolve(subject, isServiceName(subject) ? 'SRV' : 'A', signal) }
  },
}
