/**
 * What somebody may commit by mistake, at night: each `Recovery` that does not fit is told, and what the deployment holds stays
 * as it is. Through a real repository and the real drivers, by a clock that the test drives.
 */
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { systemClock } from '../../src/base/clock.ts'
import { toldRows } from '../../src/domain/procedures/telling.ts'
import type { Snapshot } from '../../src/domain/plan.ts'
import { change } from '../../src/lab/lab.ts'
import { openStore } from '../../src/store/store.ts'
import { openUnpairedLab, type DrivenLab, type Watcher } from '../support/driven-lab.ts'
import { use } from '../support/hands.ts'
import { git } from '../support/lab.ts'
import { held } from '../support/scenario-run.ts'

const server = 'se02.contoso.com'
const database = 'sql02.contoso.com/LcsCDR'

let driven: DrivenLab
let daemon: Watcher
beforeAll(async () => {
  driven = await openUnpairedLab('se01-rtc')
  daemon = await driven.watcher()
  await daemon.after(0)
}, 120_000)
afterAll(async () => {
  await daemon[Symbol.asyncDispose]()
  await driven[Symbol.asyncDispose]()
})

/** What the journal says of steps that Holdfast ran to their end. */
function journal(): string[] {
  using store = openStore(daemon.state, 'read', systemClock)
  return store.journal.list().flatMap(({ type, message }) => (type === 'action-done' ? [message] : []))
}

type Spec = Record<string, unknown>

function recovery(name: string, spec: Spec): string {
  const head = { apiVersion: 'holdfast/v1', kind: 'Recovery', metadata: { name } }
  return stringify({ ...head, spec: { run: 'holdfast', ...spec } })
}

const ofServer = (more: Spec = {}): Spec => ({ server, scenario: 'standard-edition', ...more })
const ofDatabase = (more: Spec = {}): Spec => ({ server: database, scenario: 'archiving-monitoring', ...more })
const said = (step: string, more: Spec = {}): Spec => ({ step, by: 'Jane', at: daemon.now, ...more })
const checked = (): Spec[] => ['check-surroundings', 'check-restore-rights', 'download-topology'].map((id) => said(id))

/** Commits the files of recoveries that there are to be, looks, and runs all that may be run: what is told then. */
async function committed(...texts: string[]): Promise<{ snapshot: Snapshot; told: string }> {
  const { clone } = driven.lab.paths
  const folder = join(clone, 'desired-state', 'recoveries.yaml')
  const before = held(driven)
  await writeFile(folder, texts.join('---\n'))
  await git(clone, 'add', '--all')
  await git(clone, 'commit', '--quiet', '--message', 'At night')
  await git(clone, 'push', '--quiet')
  await daemon.after(60)
  const snapshot = await daemon.runsRecoveries()
  expect(held(driven)).toEqual(before)
  const { plan, observed } = snapshot
  const gates = plan.runbooks.flatMap(({ steps }) => steps.flatMap(({ run }) => run?.refused ?? []))
  const told = [
    ...plan.findings.map(({ code, message }) => `${code}: ${message}`),
    ...[...observed.facts.source.values()].flatMap((one) =>
      one.known ? one.value.invalid.map(({ code, message }) => `${code}: ${message}`) : [],
    ),
    ...gates.map(({ gate, message }) => `${gate}: ${message}`),
  ]
  return { snapshot, told: told.join('\n') }
}

test('for a server that is healthy', async () => {
  const { told, snapshot } = await committed(recovery('r', ofServer()))
  expect(told).toContain(`recovery-not-lost: Recovery r is for ${server}, which is not flagged`)
  expect(snapshot.plan.actions.filter(({ kind }) => kind === 'recovery-step')).toEqual([])
})

test.each<[string, () => string[], RegExp]>([
  [
    'for a server that there is not',
    () => [recovery('r', ofServer({ server: 'se09.contoso.com' }))],
    /reference-dangling: .*recoveries\.yaml:\d+:\d+.*se09\.contoso\.com, which no pool or store names/,
  ],
  [
    'two for one',
    () => [recovery('r', ofServer()), recovery('r2', ofServer({ server: server.toUpperCase() }))],
    /recovery-duplicate: .*recoveries\.yaml:\d+:\d+/,
  ],
  [
    'with a way that a fork does not have',
    () => [recovery('r', ofServer({ choose: [said('find-principal', { branch: 'the-other' })] }))],
    /recovery-step-unknown: .*recoveries\.yaml:\d+:\d+.*the-other/,
  ],
])('%s: the revision is refused, and the last good one holds', async (_, texts, told) => {
  const before = await committed()
  const after = await committed(...texts())
  expect(after.told).toMatch(told)
  expect(after.snapshot.desired.revision).toBe(before.snapshot.desired.revision)
})

test('of what is lost: the word of somebody that is not so, a choice that its procedure does not have, another scenario', async () => {
  await change(driven.folder, 'break', { kind: 'database', subject: database, detail: 'lost' })
  await daemon.after(120)
  await daemon.after(240)
  const words = [...checked(), said('create-databases')]
  const choose = [said('fail-over-pool', { branch: 'failed-over' })]
  const { told, snapshot } = await committed(
    recovery('r', ofDatabase({ scenario: 'back-end', acknowledge: words, choose })),
  )
  expect(snapshot.plan.flags.map(({ subject }) => subject)).toEqual([database])
  expect(told).toMatch(/acknowledgement-disputed: .*create-databases .*Jane says that it was done.* has no lcscdr/)
  expect(told).toContain('its procedure has no step fail-over-pool')
  expect(told).toContain('it names the scenario back-end, and the loss calls for archiving-monitoring')
  expect(snapshot.plan.actions.filter(({ kind }) => kind === 'recovery-step')).toEqual([])
})

test('that waits for hands: what it does not restore goes on being backed up, each time it falls due', async () => {
  const everyHour = { apiVersion: 'holdfast/v1', kind: 'BackupPolicy', metadata: { name: 'hourly' } }
  const schedule = { cron: '0 * * * *', timeZone: 'UTC' }
  const spec = { location: 'backup01', include: { stores: ['fs01-lyncshare'] }, schedule }
  await committed(recovery('r', ofDatabase({ acknowledge: checked() })), stringify({ ...everyHour, spec }))
  await daemon.makesSets()
  const { plan } = await daemon.after(3600)
  const due = plan.actions.filter(({ kind }) => kind === 'create-backup-set')
  expect(due).toMatchObject([{ policy: 'hourly', cause: 'scheduled' }])
  const { observed, plan: after } = await daemon.makesSets()
  const made = observed.sets.filter(({ policy }) => policy === 'hourly')
  // By the clock that is driven, a run may take until the next hour.
  expect(made.length).toBeGreaterThan(1)
  expect(made.filter(({ state }) => state !== 'complete')).toEqual([])
  expect(new Set(made.map(({ slot }) => slot)).size).toBe(made.length)
  expect(after.runbooks).toMatchObject([{ subject: database, recovery: 'r' }])
  expect(after.flags.map(({ subject }) => subject)).toEqual([database])
})

test('from a set that no location holds; and what fits brings it back', async () => {
  for (const kind of ['create-databases', 'grant-sysadmin']) await use({ kind, subject: 'sql02.contoso.com' }, driven)
  const from = 'nightly/20200101T000000Z-aaaa'
  const { told } = await committed(recovery('r', ofDatabase({ acknowledge: checked(), from })))
  expect(told).toContain(`no location holds the set ${from}`)
  expect(told).toContain(`copy-missing: No set that can be used holds sql-database of ${database}.`)

  const { clone } = driven.lab.paths
  await rm(join(clone, 'desired-state', 'recoveries.yaml'))
  await writeFile(join(clone, 'desired-state', 'r.yaml'), recovery('r', ofDatabase({ acknowledge: checked() })))
  await git(clone, 'add', '--all')
  await git(clone, 'commit', '--quiet', '--message', 'As it should be')
  await git(clone, 'push', '--quiet')
  await daemon.after(60)
  await daemon.runsRecoveries()
  const { plan } = await daemon.after(120)
  expect(plan.flags).toEqual([])
  // Nothing of the lab is in that role: it is told, decides nothing, and is left for hands, until somebody says that it is so.
  const missing = 'RTCComponentUniversalServices is not seen in its role ServerRole: add it'
  const { steps } = daemon.runbook(database)
  expect(toldRows(steps).flatMap(({ runs }) => runs)).toContainEqual(expect.stringContaining(missing))
  expect(steps.at(-1)).toMatchObject({ id: 'grant-database-roles', state: 'ready', acknowledgeable: true })
  expect(plan.findings).toMatchObject([{ code: 'recovery-steps-left', subject: database }])
  expect(journal()).toContainEqual(expect.stringContaining(missing))
  const words = [...checked(), said('grant-database-roles')]
  await rm(join(clone, 'desired-state', 'r.yaml'))
  const { snapshot } = await committed(recovery('r', ofDatabase({ acknowledge: words })))
  expect(snapshot.plan.findings).toMatchObject([{ code: 'recovery-not-lost', subject: database }])
}, 90_000)
