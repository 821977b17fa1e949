import { isServiceName, namesOf } from '../../domain/endpoints.ts'
import type { Probe } from '../probe.ts'

export const dnsProbe: Probe<'dns'> = {
  source: 'DNS',
  deadlineSeconds: 10,
  atOnce: 8,
  subjects: namesOf,
  async look(subject, { drivers }, signal) {
    return { answers: await drivers.network.resolve(subject, isServiceName(subject) ? 'SRV' : 'A', signal) }
  },
}
