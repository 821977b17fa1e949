import type { Desired } from '../domain/model.ts'
import type { Check, CheckResult } from './check.ts'
import { fileStoreChecks } from './checks/file-store.ts'
import { locationChecks } from './checks/location.ts'
import { certificateChecks, nameChecks } from './checks/names.ts'
import { restoreTestChecks } from './checks/restore-test.ts'
import { smbChecks } from './checks/ports.ts'
import { shellChecks } from './checks/shell.ts'
import { softwareChecks } from './checks/software.ts'
import { sqlBackupChecks } from './checks/sql-backup.ts'
import { sqlChecks } from './checks/sql.ts'
import { stateStoreCheck } from './checks/state-store.ts'
import { runChecks } from './run-checks.ts'
import { fetchSource, sourceChecks } from './source.ts'
import type { Surroundings } from './surroundings.ts'

/** Tries everything that the configuration and the newest valid desired state need. Changes nothing that stays. */
export async function examine(surroundings: Surroundings, signal: AbortSignal): Promise<CheckResult[]> {
  const fetched = await fetchSource(surroundings, signal)
  const ours = [...softwareChecks(surroundings), stateStoreCheck(surroundings), ...sourceChecks(surroundings, fetched)]
  const checks = fetched.desired ? [...ours, ...deploymentChecks(fetched.desired, surroundings)] : ours
  const results = await runChecks(checks, surroundings.drivers.clock, signal)
  return fetched.desired ? results : [...results, nothingToTry]
}

/** The table of what a deployment needs. */
function deploymentChecks(desired: Desired, surroundings: Surroundings): Check[] {
  const { drivers } = surroundings
  const sql = sqlChecks(desired, drivers)
  const locations = desired.locations.map((location) => locationChecks(desired, location, surroundings))
  return [
    ...nameChecks(desired, drivers),
    ...certificateChecks(desired, drivers),
    ...smbChecks(desired, drivers),
    ...sql.instances.flatMap(({ login, clock, rights }) => [login, clock, rights]),
    ...sql.databases.map(({ check }) => check),
    ...locations.flatMap(({ all }) => all),
    ...sqlBackupChecks(sql, locations, surroundings),
    ...restoreTestChecks(desired, sql, locations, surroundings),
    ...shellChecks(desired, surroundings),
    ...fileStoreChecks(desired, drivers),
  ]
}

const nothingToTry: CheckResult = {
  name: 'deployment',
  subject: 'deployment',
  outcome: 'skipped',
  message: 'Not tried: without a valid desired state nobody knows what the deployment needs.',
}
