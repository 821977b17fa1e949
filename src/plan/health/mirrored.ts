import { withMirrors } from '../../domain/mirror.ts'
import { foldSubject } from '../../domain/subject.ts'
import type { Expected } from './expected.ts'
import type { Sight, Sights } from './sights.ts'
import type { Facts } from '../../domain/facts.ts'
import type { Subject } from '../../domain/words.ts'

/** The same sights; of each instance with what its partners tell of the mirrors on it, as far as they were seen. */
export function mirroredSights(sights: Sights, { instances }: Pick<Expected, 'instances'>): Sights {
  const completed = new Map<string, Sight<Facts['sqlInstance']>>()

  function complete(subject: Subject): Sight<Facts['sqlInstance']> {
    const sight = sights.of('sqlInstance', subject)
    const instance = instances.get(foldSubject(subject))
    if (sight.state !== 'seen' || instance?.store.highAvailability.kind !== 'mirror') return sight
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
      const found = completed.get(key) ?? complete(subject)
      completed.set(key, found)
      return found as ReturnType<typeof sights.of<typeof fact>>
    },
  }
}
