import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { Problem, systemCode, toProblem } from '../base/problem.ts'
import type { LocationFault } from '../domain/location-faults.ts'
import type { BackupLocation } from '../domain/model.ts'
import { mostLineBytes, readSmallFile } from '../drivers/files/small-file.ts'

/** Whose a share is: one small file in its root. */
export const identityFile = 'holdfast-location.json'

const identitySchema = z.object({
  format: z.literal('holdfast/location/v1'),
  id: z.string().min(1),
  deployment: z.string(),
  owner: z.string(),
  claimedAt: z.string(),
  /** Grows with each change of hands. */
  generation: z.number().int().nonnegative().default(0),
  /** The owner before, where it was taken over. */
  takenFrom: z.string().optional(),
})
export type Identity = z.infer<typeof identitySchema>

/** A failed call on the share, as a Problem about the location. */
export function unreachable(location: BackupLocation, thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown
  return new Problem('location-unreachable', {
    subject: location.name,
    message: `The share ${location.share} does not answer (${systemCode(thrown) ?? String(thrown)}).`,
    hint: 'Check that the machine runs, that the share exists and is connected, and that pathMap in holdfast.yaml names the right folder. Holdfast never creates the share.',
    cause: thrown,
  })
}

/** Throws `location-unreachable` when the folder is not there. */
export async function expectRoot(location: BackupLocation, root: string): Promise<void> {
  try {
    await readdir(root)
  } catch (thrown) {
    throw unreachable(location, thrown)
  }
}

/** The identity file of a share; null where it holds none. */
export async function readIdentity(location: BackupLocation, root: string): Promise<Identity | null> {
  let text: string
  try {
    text = (await readSmallFile(join(root, identityFile), mostLineBytes)).toString('utf8')
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return null
    if (toProblem(thrown).code === 'share-entry-odd') throw invalid(location, thrown)
    throw unreachable(location, thrown)
  }
  try {
    return identitySchema.parse(JSON.parse(text))
  } catch (thrown) {
    throw invalid(location, thrown)
  }
}

function invalid(location: BackupLocation, cause: unknown): Problem {
  const why = cause instanceof Problem ? cause.message : `${identityFile} on ${location.share} is not valid.`
  return new Problem('location-identity-invalid', {
    subject: location.name,
    message: why,
    hint: 'Look at the file. If it is empty or truncated and the sets are yours, delete it; the next run writes it again.',
    cause,
  })
}

/** Throws the gravest of what stands against a location; nothing where there is none. */
export function refuse({ name }: BackupLocation, [fault]: readonly LocationFault[]): void {
  if (fault) throw new Problem(fault.code, { subject: name, message: fault.message, hint: fault.remedy })
}

/** The share answers, but says not whose it is. */
export function unclaimed(location: BackupLocation): Problem {
  return new Problem('location-unclaimed', {
    subject: location.name,
    message: `${location.share} does not contain ${identityFile}: it is not the share that this location had, or it is not connected.`,
    hint: 'Check that the right share is connected under that path. A new share is claimed at the start of a run.',
  })
}
