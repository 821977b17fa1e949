import { namesOf, outsideNamesOf, partnersOf } from '../../domain/endpoints.ts'
import { hosts } from '../../domain/hosts.ts'
import { requiredItems } from '../../domain/inventory.ts'
import type { Desired } from '../../domain/model.ts'
import { distinct, sqlSubject } from '../../domain/subject.ts'
import type { Observed } from '../../domain/observation.ts'
import type { Subject } from '../../domain/words.ts'
import type { Classes } from '../../plan/health/classes.ts'

/** Everything that a statement may be about (design, section 2), each once, as it is written. */
export function subjectsOf(desired: Desired, observed: Observed, classes: Classes): Subject[] {
  const { deployment, policies, locations, pools, sqlStores, fileStores } = desired
  return distinct([
    deployment.name,
    ...policies.map(({ name }) => name),
    ...locations.map(({ name }) => name),
    ...pools.map(({ fqdn }) => fqdn),
    ...hosts(desired).map(({ fqdn }) => fqdn),
    ...sqlStores.flatMap(partnersOf).map((place) => sqlSubject(place)),
    ...fileStores.map(({ path }) => path),
    ...policies.flatMap((policy) => requiredItems(desired, policy)).map(({ subject }) => subject),
    ...[...classes.databases.values()].map(({ subject }) => subject),
    ...namesOf(desired),
    ...outsideNamesOf(desired),
    ...observed.sets.map(({ id }) => id),
    ...Object.values(observed.facts).flatMap((facts) => [...facts.keys()]),
  ])
}
