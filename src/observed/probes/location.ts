import { readLocation } from '../../sets/location.ts'
import type { Probe } from '../probe.ts'

export const locationProbe: Probe<'location'> = {
  source: 'share',
  deadlineSeconds: 120,
  atOnce: 4,
  subjects: ({ locations }) => locations.map(({ name }) => name),
  look(subject, { desired, drivers, owner, written }) {
    const location = desired.locations.find(({ name }) => name === subject)
    if (!location) throw new Error(`${subject} is no longer part of the desired state`)
    return readLocation(location, owner, drivers, written)
  },
  // Free space and clocks move all the time: they do not make it another location.
  essence: ({ identity, us, usedBy, isReadOnly }) => ({ identity, us, usedBy, isReadOnly }),
}
