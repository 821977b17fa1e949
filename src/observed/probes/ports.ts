import { onceFor } from '../../base/once-for.ts'
import { portsOf } from '../../domain/endpoints.ts'
import type { Desired } from '../../domain/model.ts'
import { foldSubject } from '../../domain/subject.ts'
import type { Probe } from '../probe.ts'

/** Found once for a revision: each of a thousand machines asks every minute. */
const portsByHost = onceFor(
  (desired: Desired) => new Map(portsOf(desired).map((listener) => [foldSubject(listener.host), listener])),
)

/** Only an accepted connection proves something: behind NAT a refusal may come from whatever stands in between. */
export const portsProbe: Probe<'ports'> = {
  source: 'TCP',
  deadlineSeconds: 15,
  atOnce: 16,
  subjects: (desired) => portsOf(desired).map(({ host }) => host),
  async look(subject, { desired, drivers }, signal) {
    const listener = portsByHost(desired).get(foldSubject(subject))
    if (!listener) throw new Error(`${subject} is no longer part of the desired state`)
    const open = new Set<number>()
    const tries = listener.ports.map(async (port) => {
      if (await drivers.network.accepts(subject, port, signal)) open.add(port)
    })
    await Promise.all(tries)
    return {
      open: listener.ports.filter((port) => open.has(port)),
      closed: listener.ports.filter((port) => !open.has(port)),
    }
  },
}
