import { Problem } from '../base/problem.ts'
import { faultsOfLocation, stops } from '../domain/location-faults.ts'
import type { Action } from '../domain/action.ts'
import type { BackupLocation } from '../domain/model.ts'
import { claimLocation, readLocation } from '../sets/location.ts'
import type { Tools } from './handler.ts'

/**
 * Right before anything is written: the share is there, it is ours (or nobody's, and becomes ours), and it has room. The
 * guards judged by the last look; since then the share may have gone and left its empty mount point.
 */
export async function prepareLocation(action: Action, location: BackupLocation, tools: Tools): Promise<void> {
  const { owner, drivers, desired } = tools
  const now = drivers.clock.now()
  const value = await readLocation(location, owner, drivers)
  const seen = { subject: location.name, at: now, since: now, source: 'share', known: true, value } as const
  const knowsSets = tools.sets().some((set) => set.location === location.name)
  const deployment = desired.deployment.name
  const fault = faultsOfLocation(location, seen, { deployment, knowsSets }).find((one) => stops(one, action))
  if (fault) throw new Problem(fault.code, { subject: location.name, message: fault.message, hint: fault.remedy })
  if (value.identity === null) await claimLocation(location, { deployment, owner }, drivers)
}
