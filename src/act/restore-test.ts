import { logFields, Problem, toProblem } from '../base/problem.ts'
import type { BackupSet } from '../domain/backup-set.ts'
import type { RestoreTest } from '../domain/model.ts'
import { parseSetId } from '../domain/subject.ts'
import type { SetId } from '../domain/words.ts'
import { checkSet } from '../sets/check.ts'
import { provenManifest } from '../sets/proven.ts'
import { policyOf } from './desired-parts.ts'
import type { Tools } from './handler.ts'
import { restoreDatabases } from './prove-databases.ts'
import { checkFileStores } from './prove-file-stores.ts'
import { nothingProved, united, type RestoreCheck } from './restore-check.ts'
import { clearScratchFolder } from './scratch-folder.ts'
import { tryImports } from './try-imports.ts'

/** Restores all of a set that its policy gives a place for; nothing but those places is touched. */
export async function restoreAll(set: BackupSet, tools: Tools, signal: AbortSignal): Promise<RestoreCheck> {
  const { databases, files, imports } = testOf(set.policy, set.id, tools)
  const spoilt = await checkManifest(set, signal)
  if (spoilt !== null) return spoilt
  const restored = databases ? await restoreDatabases(set, databases, tools, signal) : nothingProved()
  const copied = files === null ? nothingProved() : await checkFileStores(set, files, tools, signal)
  const both = united(restored, copied)
  return imports ? united(both, await tryImports(set, tools, signal)) : both
}

/** What is wrong with a set of which nothing can be believed, so nothing of it is restored; null: nothing is. */
async function checkManifest(set: BackupSet, signal: AbortSignal): Promise<RestoreCheck | null> {
  try {
    await provenManifest(set)
    return null
  } catch (thrown) {
    if (toProblem(thrown).code !== 'set-damaged') throw thrown
    const found = await checkSet(set, 'structure', signal)
    if (found.problems.length === 0) throw thrown
    return { ...nothingProved(), checked: 1, ...found }
  }
}

function testOf(policy: string, subject: SetId, tools: Tools): RestoreTest {
  const { restoreTest } = policyOf(policy, tools).verification
  if (restoreTest !== null) return restoreTest
  throw new Problem('level-not-available', {
    subject,
    message: `Policy ${policy} does not name a place in which backups may be restored for a test.`,
    hint: 'Commit verification.restoreTest { sqlStore, folder, files } in the policy, or use level sql.',
  })
}

/** Removes what a restore test left when the daemon was killed; what cannot be removed now goes before the next test. */
export async function clearScratch(set: SetId, tools: Tools): Promise<void> {
  const { restoreTest } = policyOf(parseSetId(set)?.policy ?? '', tools).verification
  const { databases = null, files = null } = restoreTest ?? {}
  const waits = (thrown: unknown): void => {
    tools.log.warn({ set, ...logFields(toProblem(thrown)) }, 'what a restore test left is removed before the next one')
  }
  if (files !== null) await clearScratchFolder(files, tools).catch(waits)
  if (databases === null) return
  const signal = AbortSignal.timeout(mostMilliseconds)
  await tools.drivers.sql(databases.sqlStore).dropRestoreTests(tools.owner, signal).catch(waits)
}

const mostMilliseconds = 30_000
