import { withMirrors } from '../../domain/mirror.ts'
import { onceFor } from '../../base/once-for.ts'
import { foldSubject } from '../../domain/subject.ts'
import type { Expected, ExpectedInstance } from './expected.ts'
import type { Sight, Sights } from './sights.ts'
import type { Facts } from '../../domain/facts.ts'

/** The same sights; of each instance with what its partners tell of the mirrors on it, as far as they were seen. */
export function mirroredSights(sights: Sights, { instances }: Pick<Expected, 'instances'>): Sights {
  const mirrored = mirroredOf(instances)
  if (mirrored.size === 0) return sights
  const completed = new Map<string, Sight<Facts['sqlInstance']>>()

  function complete(instance: ExpectedInstance): Sight<Facts['sqlInstance']> {
    const sight = sights.of('sqlInstance', instance.subject)
    if (sight.state !== 'seen') return sight
    const value = instance.partners.reduce((known, partner) => {
      const other = sights.of('sqlInstance', partner)
      return other.state === 'seen' ? withMirrors(instance.subject, known, other.value) : known
    }, sight.value)
    return value === sight.value
      ? sight
      : { ...sight, value, observation: { ...sight.observation, known: true, value } }
  }

  return {
    of(fact, subject) {
      if (fact !== 'sqlInstance') return sights.of(fact, subject)
      const key = foldSubject(subject)
      const instance = mirrored.get(key)
      if (instance === undefined) return sights.of(fact, subject)
      const found = completed.get(key) ?? complete(instance)
      completed.set(key, found)
      return found as ReturnType<typeof sights.of<typeof fact>>
    },
  }
}

const mirroredOf = onceFor(
  (instances: Expected['instances']) =>
    new Map([...instances].filter(([, { store }]) => store.highAvailability.kind === 'mirror')),
)
