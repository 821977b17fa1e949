import type { RestoreTest } from '../domain/model.ts'
import { inUseBy, userOfFolder, userOfInstance } from '../domain/scratch.ts'
import { sqlSubject } from '../domain/subject.ts'
import type { Digest } from './digest.ts'

/** Why restore tests of a policy would touch what is in use, as Git or the published topology has it; null: they would not. */
export function scratchInUse(
  { databases, files }: RestoreTest,
  policy: string,
  { desired, observed }: Digest,
): { message: string; override: string } | null {
  const published = observed.facts.publishedTopology.get(desired.deployment.name)
  const used = inUseBy(desired, published?.known ? published.value.topology : null)
  const places = [
    databases && { scratch: sqlSubject(databases.sqlStore), user: userOfInstance(databases.sqlStore, used) },
    files !== null && { scratch: files, user: userOfFolder(files, used) },
  ]
  for (const place of places) {
    if (!place || place.user === null) continue
    return {
      message: `Policy ${policy} gives ${place.scratch} for restore tests, which ${place.user} uses.`,
      override: `Commit verification.restoreTest of policy ${policy} with an instance and a folder that are used for nothing else.`,
    }
  }
  return null
}
