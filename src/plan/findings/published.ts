import type { Desired } from '../../domain/model.ts'
import type { PublishedTopology } from '../../domain/published.ts'
import type { Observed } from '../../domain/observation.ts'

/** The published topology as it was last seen; null while it is unknown. */
export function publishedOf({ deployment }: Desired, { facts }: Observed): PublishedTopology | null {
  const seen = facts.publishedTopology.get(deployment.name)
  return seen?.known ? seen.value.topology : null
}

/** The same inputs, by identity, are worked on once: neither changes but with a commit or a publication. */
export function remember<T>(
  make: (desired: Desired, published: PublishedTopology) => T,
): (desired: Desired, published: PublishedTopology) => T {
  const made = new WeakMap<Desired, { published: PublishedTopology; value: T }>()
  return (desired, published) => {
    const known = made.get(desired)
    if (known?.published === published) return known.value
    const value = make(desired, published)
    made.set(desired, { published, value })
    return value
  }
}
