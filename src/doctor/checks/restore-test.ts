import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Problem, toProblem } from '../../base/problem.ts'
import { randomId } from '../../base/random.ts'
import type { BackupPolicy, Desired, RestoreTest } from '../../domain/model.ts'
import { sameSubject, sqlSubject } from '../../domain/subject.ts'
import { writeDurably } from '../../drivers/files/durable.ts'
import { fileProblem } from '../../drivers/files/problem.ts'
import type { SqlServer } from '../../drivers/sql/sql-server.ts'
import { isOlder } from '../../drivers/sql/versions.ts'
import type { Check } from '../check.ts'
import type { Surroundings } from '../surroundings.ts'
import { inProbeFolder, type LocationChecks } from './location.ts'
import { refuseNoRestore } from './sql-rights.ts'
import type { SqlChecks } from './sql.ts'

/** For each policy with `verification.restoreTest`: its instance can read the share and restore what is on it, its folder be written to. */
export function restoreTestChecks(
  desired: Desired,
  sql: SqlChecks,
  locations: readonly LocationChecks[],
  surroundings: Surroundings,
): Check[] {
  return desired.policies.flatMap((policy) => {
    const place = locations.find(({ location }) => location.name === policy.location.name)
    const { restoreTest } = policy.verification
    return [
      ...(restoreTest?.databases && place
        ? [checkRestoreTest(policy, restoreTest.databases, place, sql, surroundings)]
        : []),
      ...(restoreTest?.files != null ? [checkFolder(policy, restoreTest.files, surroundings)] : []),
    ]
  })
}

/** Only a restore test shows whether there is room. */
function checkFolder({ name }: BackupPolicy, files: string, { drivers }: Surroundings): Check {
  return {
    ...{ name: 'restore-test', subject: files, group: 'files', deadlineSeconds: 60 },
    async attempt() {
      const probe = join(drivers.localPath(files), `.holdfast-doctor-${randomId(drivers.random).slice(0, 8)}`)
      await writeDurably(probe, Buffer.alloc(65_536, 'holdfast'))
      await rm(probe).catch((thrown: unknown) => {
        throw fileProblem(thrown, probe, 'Deleting')
      })
      return `can be written to, for the file stores of ${name}`
    },
  }
}

function checkRestoreTest(
  policy: BackupPolicy,
  { sqlStore, folder }: NonNullable<RestoreTest['databases']>,
  place: LocationChecks,
  sql: SqlChecks,
  surroundings: Surroundings,
): Check {
  const subject = sqlSubject(sqlStore)
  const instance = sql.instances.find(({ server }) => sameSubject(server.subject, subject))
  const needed = instance ? [instance.login, instance.rights, place.write] : [place.write]
  return {
    ...{ name: 'restore-test', subject, group: 'sql', deadlineSeconds: 60 },
    after: [...needed, ...sql.databases.map(({ check }) => check)],
    needs: () => needed,
    async attempt(signal) {
      const server = surroundings.drivers.sql(sqlStore)
      refuseNoRestore(subject, await server.rights([], signal))
      refuseOlder(subject, instance?.facts?.version ?? '', newestVersion(policy, sql))
      await refuseNoFolder(server, folder, signal)
      await refuseUnread(server, place, surroundings, signal)
      return `restores what ${policy.name} backs up to ${folder}`
    },
  }
}

/** Of the instances whose databases the policy has backed up, as far as they answered. */
function newestVersion(policy: BackupPolicy, { databases }: SqlChecks): string {
  return databases
    .filter(({ policies }) => policies.some(({ name }) => name === policy.name))
    .map(({ principal }) => principal()?.facts?.version ?? '')
    .reduce((newest, version) => (isOlder(newest, version) ? version : newest), '')
}

function refuseOlder(subject: string, version: string, newest: string): void {
  if (!isOlder(version, newest)) return
  throw new Problem('sql-newer-version', {
    subject,
    message: `It is version ${version}; backups come from version ${newest}, which no older one can restore.`,
    hint: 'Name an instance of the same or a newer version as verification.restoreTest.sqlStore of the policy.',
  })
}

async function refuseNoFolder(server: SqlServer, folder: string, signal: AbortSignal): Promise<void> {
  if (await server.hasFolder(folder, signal)) return
  throw new Problem('sql-path-missing', {
    subject: server.subject,
    message: `The account of its service does not see the folder ${folder}.`,
    hint: `On the machine of the instance: New-Item -ItemType Directory '${folder.replaceAll("'", "''")}', and let the account of the service write there.`,
  })
}

/** A file that is not a backup: the instance says so only after it has opened it. */
async function refuseUnread(
  server: SqlServer,
  { location }: LocationChecks,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<void> {
  await inProbeFolder(location, surroundings, async (folder, name) => {
    await writeDurably(join(folder, 'probe.bak'), Buffer.alloc(65_536, 'holdfast'))
    try {
      await server.header(`${location.share}\\${name}\\probe.bak`, signal)
    } catch (thrown) {
      if (toProblem(thrown).code !== 'sql-backup-damaged') throw thrown
    }
  })
}
