/** The sign of life of the one who acts on a location: one small file that is replaced at a fixed pace. */
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { systemCode } from '../base/problem.ts'
import type { Random } from '../base/random.ts'
import type { LocationUser } from '../domain/location-user.ts'
import { writeDurably } from '../drivers/files/durable.ts'
import { makeFolder } from '../drivers/files/folder.ts'
import { fileProblem } from '../drivers/files/problem.ts'
import { mostLineBytes, readSmallFile } from '../drivers/files/small-file.ts'
import { ageOnShare, makeNewWhole } from './exclusive.ts'
import type { Identity } from './identity.ts'
import { journalFolder } from './journal-head.ts'

/** Milliseconds from one heartbeat to the next. */
export const beatMilliseconds = 60_000
/** Whoever missed so many is gone. */
export const oldMilliseconds = 3 * beatMilliseconds

const heartbeatPath = [journalFolder, 'owner.json'] as const

const heartbeatSchema = z.object({
  format: z.literal('holdfast/heartbeat/v1'),
  owner: z.string(),
  /** Random; the state store remembers those that it wrote, and a copy of that store does not. */
  beat: z.string().min(1),
  /** Of the identity under which it was written. */
  generation: z.number(),
  host: z.string(),
  process: z.number(),
  at: z.string(),
  /** Set by the last one of a process that ended in order: nobody has to wait for it. */
  endedAt: z.string().nullable(),
})
export type Heartbeat = z.infer<typeof heartbeatSchema>

/** What the state store remembers of the heartbeats that it wrote. Locations by the id on the share. */
export interface WrittenBeats {
  /** Whether it is the last that this store wrote there, or was about to write. */
  has(location: string, beat: string): boolean
  /** To be called before one is written; `before`: the one of ours that is there, null where there is none. */
  add(location: string, beat: string, before: string | null): void
}

/** `heartbeat` is null where the file cannot be understood. */
export interface SeenHeartbeat {
  text: string
  heartbeat: Heartbeat | null
}

/** Null where there is none. Throws `file-...`. */
export async function readHeartbeat(root: string): Promise<SeenHeartbeat | null> {
  const path = join(root, ...heartbeatPath)
  let text: string
  try {
    text = (await readSmallFile(path, mostLineBytes)).toString('utf8')
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return null
    throw fileProblem(thrown, path, 'Reading')
  }
  return { text, heartbeat: parse(text) }
}

function parse(text: string): Heartbeat | null {
  try {
    return heartbeatSchema.parse(JSON.parse(text))
  } catch {
    return null // cut, or another format: somebody's, and nobody knows whose
  }
}

/** Whether our own store wrote it, under the identity as it is now. */
export function isOurs({ heartbeat }: SeenHeartbeat, identity: Identity, written: WrittenBeats): boolean {
  if (heartbeat === null) return false
  return heartbeat.generation === identity.generation && written.has(identity.id, heartbeat.beat)
}

/** Who uses the location by what he wrote there; null: nobody else. Whether he still lives is not told by one look. */
export function otherUser(seen: SeenHeartbeat | null, identity: Identity, written: WrittenBeats): LocationUser | null {
  if (seen === null || isOurs(seen, identity, written)) return null
  const { heartbeat } = seen
  if (heartbeat === null) return { host: null, process: null }
  return heartbeat.endedAt === null ? { host: heartbeat.host, process: heartbeat.process } : null
}

/** Replaces it. Throws `file-...`. */
export async function writeHeartbeat(root: string, heartbeat: Heartbeat): Promise<void> {
  await writeDurably(await pathIn(root), format(heartbeat))
}

/** Writes the first; false when there is one by now. Throws `file-...`. */
export async function writeFirstHeartbeat(root: string, heartbeat: Heartbeat, random: Random): Promise<boolean> {
  return makeNewWhole(await pathIn(root), format(heartbeat), random)
}

/** Whether it is older than any that a living daemon leaves, by the clock of the share. Throws `file-...`. */
export async function isOld(root: string, random: Random): Promise<boolean> {
  const path = await pathIn(root)
  return ((await ageOnShare(path, dirname(path), random)) ?? 0) >= oldMilliseconds
}

async function pathIn(root: string): Promise<string> {
  const path = join(root, ...heartbeatPath)
  await makeFolder(dirname(path)).catch((thrown: unknown) => {
    throw fileProblem(thrown, path, 'Making the folder of')
  })
  return path
}

function format(heartbeat: Heartbeat): string {
  return `${JSON.stringify(heartbeat, null, 2)}\n`
}
