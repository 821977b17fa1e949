import { Problem } from '../base/problem.ts'
import { formatSize } from '../base/units.ts'
import type { BackupLocation } from '../domain/model.ts'
import { unclaimed } from '../sets/identity.ts'
import { claimLocation, readLocation } from '../sets/location.ts'
import type { Tools } from './handler.ts'

/**
 * Right before anything is written: the share is there, it is ours (or nobody's, and becomes ours), and it has room. The
 * guards judged by the last look; since then the share may have gone and left its empty mount point.
 */
export async function prepareLocation(location: BackupLocation, tools: Tools): Promise<void> {
  const { identity, freeBytes } = await readLocation(location, tools.owner, tools.drivers)
  if (freeBytes < location.minimumFree)
    throw new Problem('location-full', {
      subject: location.name,
      message: `${formatSize(freeBytes)} are free on ${location.share}; minimumFree asks for ${formatSize(location.minimumFree)}.`,
      hint: 'Make room on the share, or change minimumFree of the location by a commit.',
    })
  if (identity?.owner === tools.owner && identity.deployment === tools.desired.deployment.name) return
  if (identity === null && tools.sets().some((set) => set.location === location.name)) throw unclaimed(location)
  await claimLocation(location, { deployment: tools.desired.deployment.name, owner: tools.owner }, tools.drivers)
}
