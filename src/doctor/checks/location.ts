import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { uncServer } from '../../base/fields.ts'
import { Problem, toProblem } from '../../base/problem.ts'
import { randomId } from '../../base/random.ts'
import { timeOf } from '../../base/time.ts'
import { formatSize } from '../../base/units.ts'
import type { Facts } from '../../domain/facts.ts'
import { faultsOfLocation, type LocationFault } from '../../domain/location-faults.ts'
import type { BackupLocation, Desired } from '../../domain/model.ts'
import type { Drivers } from '../../drivers/drivers.ts'
import { writeDurably } from '../../drivers/files/durable.ts'
import { fileCode, fileProblem } from '../../drivers/files/problem.ts'
import { expectRoot, refuse } from '../../sets/identity.ts'
import { readLocation } from '../../sets/location.ts'
import { echoOf, onlyAfter, type Check, type ChecksByHost } from '../check.ts'
import type { Surroundings } from '../surroundings.ts'
import { refuseSkew } from './clock.ts'

export interface LocationChecks {
  location: BackupLocation
  /** What is written there can be read back and deleted. */
  write: Check
  all: readonly Check[]
}

/** `smb`: the ports that the shares depend on. A share may be mounted by another way, so it is tried all the same. */
export function locationChecks(
  desired: Desired,
  location: BackupLocation,
  smb: ChecksByHost,
  surroundings: Surroundings,
): LocationChecks {
  const { config, drivers, remembered } = surroundings
  const { name: subject } = location
  const look = async (): Promise<{ value: Facts['location']; faults: LocationFault[] }> => {
    const value = await readLocation(location, config.owner, drivers, remembered.written)
    const ground = { deployment: desired.deployment.name, knowsSets: remembered.knows(subject) }
    return { value, faults: faultsOfLocation(location, { known: true, value }, ground) }
  }
  const row = (name: string) => ({ name, subject, group: 'files' as const, deadlineSeconds: 60 })
  const reach: Check = {
    ...row('share'),
    ...echoOf(smb.of(uncServer(location.share))),
    async attempt() {
      await expectRoot(location, drivers.localPath(location.share))
      return `${location.share} answers`
    },
  }
  const owner: Check = {
    ...row('share-owner'),
    ...onlyAfter([reach]),
    async attempt() {
      const { value, faults } = await look()
      refuse(location, faults.filter(isOfOwner))
      return value.identity ? 'ours' : 'nobody’s yet; the first run claims it'
    },
  }
  const space: Check = {
    ...row('share-space'),
    ...onlyAfter([reach]),
    async attempt() {
      const { value, faults } = await look()
      refuse(
        location,
        faults.filter(({ stops }) => stops === 'filling'),
      )
      return `${formatSize(value.freeBytes)} free`
    },
  }
  const write: Check = {
    ...row('share-write'),
    ...onlyAfter([reach]),
    attempt: () => inProbeFolder(location, surroundings, tryWriting),
  }
  const long: Check = {
    ...row('share-long-path'),
    ...onlyAfter([write]),
    attempt: () => inProbeFolder(location, surroundings, tryLongPath),
  }
  const clock: Check = {
    ...row('share-clock'),
    ...onlyAfter([write]),
    attempt: () =>
      inProbeFolder(location, surroundings, async (folder) => {
        const file = join(folder, 'clock')
        await writeDurably(file, 'holdfast')
        const { mtimeMs } = await stat(file)
        return refuseSkew(subject, timeOf(mtimeMs), drivers.clock.now())
      }),
  }
  const away = location.copies.map(({ share }) => copyCheck(location, share, smb, drivers))
  return { location, write, all: [reach, owner, space, write, long, clock, ...away] }
}

/** Room and the right to write are told by checks of their own. */
function isOfOwner({ code }: LocationFault): boolean {
  return code !== 'location-full' && code !== 'location-read-only'
}

/** A share off-site, to which finished sets go: it is only looked at. */
function copyCheck(
  location: BackupLocation,
  share: string,
  smb: ChecksByHost,
  drivers: Pick<Drivers, 'localPath'>,
): Check {
  return {
    ...{ name: 'copy', subject: share, group: 'files', deadlineSeconds: 60 },
    ...echoOf(smb.of(uncServer(share))),
    async attempt() {
      await expectRoot({ ...location, share }, drivers.localPath(share))
      return 'it answers'
    },
  }
}

/** A folder of our own on the share, removed whatever happens. Throws where it cannot be removed. */
export async function inProbeFolder<T>(
  location: BackupLocation,
  { drivers }: Pick<Surroundings, 'drivers'>,
  work: (folder: string, name: string) => Promise<T>,
): Promise<T> {
  const root = drivers.localPath(location.share)
  await expectRoot(location, root)
  const name = `.holdfast-doctor-${randomId(drivers.random).slice(0, 8)}`
  const folder = join(root, name)
  await mkdir(folder).catch(failed(folder, 'Making the folder'))
  try {
    return await work(folder, name)
  } finally {
    await rm(folder, { recursive: true, maxRetries: 3 }).catch(failed(folder, 'Deleting'))
  }
}

function failed(path: string, doing: string): (thrown: unknown) => never {
  return (thrown) => {
    throw fileProblem(thrown, path, doing)
  }
}

/** Write, flush, rename and read back as every file of a set is written; exclusive making; delete. */
async function tryWriting(folder: string): Promise<string> {
  const [first, second] = [join(folder, 'first'), join(folder, 'second')]
  await writeDurably(first, Buffer.alloc(65_536, 'holdfast'))
  await rename(first, second).catch(failed(second, 'Renaming to'))
  await (await open(first, 'wx').catch(failed(first, 'Writing'))).close()
  await rm(first).catch(failed(first, 'Deleting'))
  await rm(second).catch(failed(second, 'Deleting'))
  const left = await readdir(folder).catch(failed(folder, 'Listing'))
  if (left.length === 0) return 'writes, flushes, renames, reads back and deletes'
  throw new Problem('file-not-kept', {
    subject: folder,
    message: `${left.join(', ')} is still listed after it was deleted.`,
    hint: 'The share answers from a cache. Switch off caching (offline files) for it.',
  })
}

const part = 'long-name-of-a-folder-'.repeat(4)

/** Names of file stores, below the folders of a set, easily grow past the 260 characters of old Windows programs. */
async function tryLongPath(folder: string): Promise<string> {
  const deep = join(folder, part, part, part, part)
  try {
    await mkdir(deep, { recursive: true })
    await writeDurably(join(deep, `${part}.txt`), 'holdfast')
    return `paths of ${deep.length - folder.length} characters below the share`
  } catch (thrown) {
    if (fileCode(thrown) === 'file-no-space') throw fileProblem(thrown, deep, 'Writing')
    throw new Problem('path-too-long', {
      subject: folder,
      message: `A path of ${deep.length} characters is refused: ${toProblem(thrown).message}`,
      hint: 'Map the share to a shorter path in pathMap, or switch on long paths: LongPathsEnabled under HKLM\\SYSTEM\\CurrentControlSet\\Control\\FileSystem.',
      cause: thrown,
    })
  }
}
