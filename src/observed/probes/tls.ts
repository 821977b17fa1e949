import { tlsListeners } from '../../domain/endpoints.ts'
import { sameSubject } from '../../domain/subject.ts'
import type { Probe } from '../probe.ts'

export const tlsProbe: Probe<'tls'> = {
  source: 'TLS',
  everySeconds: 900,
  deadlineSeconds: 10,
  atOnce: 8,
  subjects: (desired) => tlsListeners(desired).map(({ host }) => host),
  look(subject, { desired, drivers }, signal) {
    const listener = tlsListeners(desired).find(({ host }) => sameSubject(host, subject))
    if (!listener) throw new Error(`${subject} is no longer part of the desired state`)
    return drivers.network.certificate(subject, listener.port, signal)
  },
}
