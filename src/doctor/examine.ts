import { localRepository } from '../config/git-url.ts'
import type { Desired } from '../domain/model.ts'
import { onlyAfter, type Check, type CheckResult } from './check.ts'
import { certificateChecks } from './checks/certificates.ts'
import { fileStoreChecks } from './checks/file-store.ts'
import { locationChecks } from './checks/location.ts'
import { machineChecks } from './checks/machines.ts'
import { dnsCheck, nameChecks } from './checks/names.ts'
import { restoreTestChecks } from './checks/restore-test.ts'
import { smbChecks } from './checks/ports.ts'
import { shellChecks } from './checks/shell.ts'
import { softwareChecks } from './checks/software.ts'
import { sqlBackupChecks } from './checks/sql-backup.ts'
import { restoreRightsCheck } from './checks/sql-rights.ts'
import { sqlChecks } from './checks/sql.ts'
import { stateStoreCheck } from './checks/state-store.ts'
import { runChecks } from './run-checks.ts'
import { fetchSource, sourceChecks } from './source.ts'
import type { Surroundings } from './surroundings.ts'

/** Tries everything that the configuration and the newest valid desired state need. Changes nothing that stays. */
export async function examine(surroundings: Surroundings, signal: AbortSignal): Promise<CheckResult[]> {
  const { config, drivers } = surroundings
  const fetched = await fetchSource(surroundings, signal)
  const { desired } = fetched
  const dns = desired ? [dnsCheck(desired, config, drivers)] : []
  const [node, git] = softwareChecks(surroundings)
  const source = sourceChecks(surroundings, fetched, git, localRepository(config.git.url) === null ? dns : [])
  const ours = [node, git, stateStoreCheck(surroundings), ...dns, ...source]
  const theirs = desired ? deploymentChecks(desired, dns, surroundings) : [nothingToTry(source)]
  return runChecks([...ours, ...theirs], drivers.clock, signal)
}

/** The table of what a deployment needs, each check after those that it depends on. */
function deploymentChecks(desired: Desired, dns: readonly Check[], surroundings: Surroundings): Check[] {
  const { config, drivers } = surroundings
  const names = nameChecks(desired, dns, config, drivers)
  const machines = machineChecks(desired, names, drivers)
  const smb = smbChecks(desired, machines, drivers)
  const sql = sqlChecks(desired, machines, drivers)
  const locations = desired.locations.map((location) => locationChecks(desired, location, smb, surroundings))
  return [
    ...names.all,
    ...machines.all,
    ...certificateChecks(desired, machines, drivers),
    ...smb.all,
    ...sql.instances.flatMap(({ login, clock, rights }) => [login, clock, rights]),
    ...sql.databases.map(({ check }) => check),
    restoreRightsCheck(desired),
    ...locations.flatMap(({ all }) => all),
    ...sqlBackupChecks(sql, locations, surroundings),
    ...restoreTestChecks(desired, sql, locations, surroundings),
    ...shellChecks(desired, names, sql, surroundings),
    ...fileStoreChecks(desired, smb, drivers),
  ]
}

/** Without a valid desired state nobody knows what the deployment needs. */
function nothingToTry(source: readonly Check[]): Check {
  return {
    ...{ name: 'deployment', subject: 'deployment', group: 'local', deadlineSeconds: 10 },
    ...onlyAfter(source),
    attempt: () => Promise.reject(new Error('There is no desired state, and no failure that explains it.')),
  }
}
