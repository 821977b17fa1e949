import type { Commit } from '../../domain/commit.ts'
import type { Digest } from '../digest.ts'

/** The commit that last changed the file of an open `Recovery`; null: not known. */
export function lastChange(name: string, { desired, observed }: Pick<Digest, 'desired' | 'observed'>): Commit | null {
  const source = observed.facts.source.get(desired.deployment.name)
  return source?.known ? (source.value.declared?.[name] ?? null) : null
}
