import { readFile } from 'node:fs/promises'
import { EngineError, operatingSystemError } from '../errors.ts'
import { certificatesOf } from '../facts.ts'
import { valueOf } from '../run/expression.ts'
import { factsOf, type Frame } from '../run/frame.ts'
import { readMedium, type FoundSet, type Medium } from '../tape/read.ts'
import type { Expression, Option } from '../tsql/ast.ts'
import { releaseOf } from '../versions.ts'
import { hasOption, textOption } from './options.ts'

/** The one device of a statement; more than one is not simulated. */
export function deviceOf(devices: readonly Expression[], frame: Frame): string {
  const [device] = devices
  const path = device ? valueOf(device, frame) : null
  if (typeof path !== 'string' || path === '' || devices.length !== 1) throw new EngineError(3044)
  return path
}

/** Reads a backup file as this instance reaches it: 3201 where it cannot be opened. */
export async function readDevice(path: string, frame: Frame): Promise<Medium> {
  const file = await readFile(localDevice(path, frame)).catch((error: unknown) => {
    // Opening a file that is not there: 2, where only the folder is.
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    const text = missing ? '2(The system cannot find the file specified.)' : operatingSystemError(error)
    throw new EngineError(3201, path, text)
  })
  return readMedium(file, path)
}

/** The path as this machine reaches it: 3201 where the share cannot be reached. */
export function localDevice(path: string, frame: Frame): string {
  try {
    return frame.engine.toLocal(path)
  } catch (error) {
    throw new EngineError(3201, path, operatingSystemError(error))
  }
}

/** The set that FILE = n chooses, the first unless told. */
export function chosenSet(medium: Medium, path: string, options: readonly Option[], frame: Frame): FoundSet {
  const set = medium.sets[Number(textOption(options, 'file', frame) ?? 1) - 1]
  if (!set) throw new EngineError(3242, path)
  return set
}

/** What VERIFYONLY finds when it reads all of a set. */
export function checkSet(set: FoundSet, path: string, options: readonly Option[], frame: Frame): void {
  checkHeader(set, options, frame)
  checkPages(set, path, options)
}

/** TDE: without the certificate nothing of a set can be read but its header. */
export function checkCertificate({ facts: { encryptor } }: FoundSet, frame: Frame): void {
  if (encryptor !== null && !certificatesOf(factsOf(frame)).includes(encryptor))
    throw new EngineError(33111, `0x${encryptor}`)
}

/** What stands in the head of a set. */
export function checkHeader(set: FoundSet, options: readonly Option[], frame: Frame): void {
  const { major, databaseVersion } = releaseOf(factsOf(frame))
  const { software } = set.facts
  if (software.databaseVersion > databaseVersion)
    throw new EngineError(3169, `${software.major}.${software.minor}.${software.build}`, major)
  if (hasOption(options, 'checksum') && !set.facts.checksums) throw new EngineError(3187)
  checkCertificate(set, frame)
}

/** What shows only when its pages are read. */
export function checkPages(set: FoundSet, path: string, options: readonly Option[]): void {
  if (!set.complete && set.damage === null) throw new EngineError(3203, path)
  const watches = set.facts.checksums && !hasOption(options, 'no_checksum')
  if (set.damage && (watches || set.damage.page === null || !set.complete)) throw new EngineError(3189)
}
