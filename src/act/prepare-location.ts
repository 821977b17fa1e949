import { faultsOfLocation, stops } from '../domain/location-faults.ts'
import type { Action } from '../domain/action.ts'
import type { BackupLocation } from '../domain/model.ts'
import { refuse } from '../sets/identity.ts'
import { claimLocation, readLocation } from '../sets/location.ts'
import type { Tools } from './handler.ts'

/**
 * Right before anything is written: the share is there, it is ours (or nobody's, and becomes ours), and it has room. The
 * guards judged by the last look; since then the share may have gone and left its empty mount point.
 */
export async function prepareLocation(action: Action, location: BackupLocation, tools: Tools): Promise<void> {
  const { owner, drivers, desired, ownership } = tools
  const value = await readLocation(location, owner, drivers)
  const knowsSets = tools.sets().some((set) => set.location === location.name)
  const deployment = desired.deployment.name
  const faults = faultsOfLocation(location, { known: true, value }, { deployment, knowsSets })
  refuse(
    location,
    faults.filter((fault) => stops(fault, action)),
  )
  if (value.identity === null) await claimLocation(location, { deployment, owner }, drivers)
  await ownership.hold(location, { deployment, owner })
}
