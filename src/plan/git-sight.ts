/** Whether Git can be seen: what is asked for there may be withdrawn there. */
import type { Facts } from '../domain/facts.ts'
import { whyUnseen, type Observation } from '../domain/observation.ts'
import type { Digest } from './digest.ts'

type Seen = Pick<Digest, 'desired' | 'observed'>

/** The source reports under the deployment's name, or as `git` before one was known. */
export function sourceOf({ desired, observed }: Seen): Observation<Facts['source']> | undefined {
  const { source } = observed.facts
  return source.get(desired.deployment.name) ?? source.get('git') ?? [...source.values()][0]
}

/** In a sentence, why nobody knows what Git says now; null: it was read at the last look. */
export function gitUnseen(seen: Seen): string | null {
  const source = sourceOf(seen)
  if (!source) return 'The repository was not read yet.'
  if (!source.known) return whyUnseen(source)
  const { unreachable, fetchedAt } = source.value
  if (unreachable !== null) return `${unreachable.message} [${unreachable.code}]`
  return fetchedAt === null ? 'The repository was not read yet.' : null
}
