import { readFile } from 'node:fs/promises'
import { cannotOpenDevice, EngineError } from '../errors.ts'
import { factsOf, type Frame } from '../run/frame.ts'
import { readMedium, type FoundSet, type Medium } from '../tape/read.ts'
import type { Option } from '../tsql/ast.ts'
import { releaseOf } from '../versions.ts'
import { hasOption, textOption } from './options.ts'

/** Reads a backup file as this instance reaches it: 3201 where it cannot be opened. */
export async function readDevice(path: string, frame: Frame): Promise<Medium> {
  let file: Buffer
  try {
    file = await readFile(frame.engine.toLocal(path))
  } catch (error) {
    // Opening a file that is not there: 2, where only the folder is.
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    throw missing
      ? new EngineError(
          3201,
          `Cannot open backup device '${path}'. Operating system error 2(The system cannot find the file specified.).`,
          { state: 2 },
        )
      : cannotOpenDevice(path, error)
  }
  return readMedium(file, path)
}

/** The set that FILE = n chooses, the first unless told. */
export function chosenSet(medium: Medium, path: string, options: readonly Option[], frame: Frame): FoundSet {
  const position = Number(textOption(options, 'file', frame) ?? 1)
  const set = medium.sets[position - 1]
  if (!set) throw new EngineError(3242, `The file on device '${path}' is not a valid Microsoft Tape Format backup set.`)
  return set
}

/** What VERIFYONLY and RESTORE find when they read all of a set. */
export function checkSet(set: FoundSet, path: string, options: readonly Option[], frame: Frame): void {
  const { major, databaseVersion } = releaseOf(factsOf(frame))
  const { software } = set.facts
  if (software.databaseVersion > databaseVersion)
    throw new EngineError(
      3169,
      `The database was backed up on a server running version ${software.major}.${software.minor}.${software.build}. That version is incompatible with this server, which is running version ${major}. Either restore the database on a server that supports the backup, or use a backup that is compatible with this server.`,
    )
  if (hasOption(options, 'checksum') && !set.facts.checksums)
    throw new EngineError(
      3187,
      'RESTORE WITH CHECKSUM cannot be specified because the backup set does not contain checksum information.',
    )
  if (!set.complete && set.damage === null)
    throw new EngineError(3203, `Read on "${path}" failed: 38(Reached the end of the file.)`)
  const watches = set.facts.checksums && !hasOption(options, 'no_checksum')
  if (set.damage && (watches || set.damage.page === null || !set.complete))
    throw new EngineError(3189, 'Damage to the backup set was detected.')
}
