import { onceFor } from '../../base/once-for.ts'
import { tlsListeners } from '../../domain/endpoints.ts'
import type { Desired } from '../../domain/model.ts'
import { foldSubject } from '../../domain/subject.ts'
import type { Probe } from '../probe.ts'

const listenerByHost = onceFor(
  (desired: Desired) => new Map(tlsListeners(desired).map((listener) => [foldSubject(listener.host), listener])),
)

export const tlsProbe: Probe<'tls'> = {
  source: 'TLS',
  deadlineSeconds: 10,
  atOnce: 8,
  subjects: (desired) => tlsListeners(desired).map(({ host }) => host),
  look(subject, { desired, drivers }, signal) {
    const listener = listenerByHost(desired).get(foldSubject(subject))
    if (!listener) throw new Error(`${subject} is no longer part of the desired state`)
    return drivers.network.certificate(subject, listener.port, signal)
  },
}
