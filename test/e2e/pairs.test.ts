/**
 * One pool of a pair is lost. Users work from the other one, the pool is rebuilt, and what they did meanwhile comes home:
 * nothing of last night is written over it. Both lost, all comes from the set. Through the real drivers; the failover itself
 * is an operator's.
 */
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { toProblem } from '../../src/base/problem.ts'
import type { Snapshot } from '../../src/domain/plan.ts'
import type { Step } from '../../src/domain/runbook.ts'
import { change } from '../../src/lab/lab.ts'
import { openLab, type DrivenLab, type Watcher } from '../support/driven-lab.ts'
import { use, ways } from '../support/hands.ts'
import { git } from '../support/lab.ts'
import { fileOf, inWords, nameOf, type Manner, type Recovery, type Witness } from '../support/operator.ts'
import { writePairedDeployment } from '../support/paired-deployment.ts'
import { holdsPage } from '../support/recovery-pages.ts'
import { storyteller, type Scene } from '../support/recovery-story.ts'
import { held, lose, operators, putAway, type Losses } from '../support/scenario-run.ts'

let driven: DrivenLab
/** The users of pool01, as the set has them. */
let saved: Record<string, string[]>
beforeAll(async () => {
  driven = await openLab((folder) => {
    writePairedDeployment(folder)
    return folder
  })
  saved = heldOf('users', pool)
}, 240_000)
afterAll(() => driven[Symbol.asyncDispose]())

const happens = (kind: string, subject: string): Promise<void> =>
  change(driven.folder, 'break', { kind, subject, detail: null })

function heldOf(kind: string, subject: string): Record<string, string[]> {
  return held(driven).find((one) => one.kind === kind && one.subject === subject)?.content ?? {}
}

/** Each user with the contacts `new1@fabrikam.com` to `new<count>@fabrikam.com` beside those of then. */
function withNewContacts(then: Record<string, string[]>, count: number): Record<string, string[]> {
  const added = Array.from({ length: count }, (_, at) => `contact new${at + 1}@fabrikam.com`)
  return Object.fromEntries(Object.entries(then).map(([user, texts]) => [user, [...texts, ...added]]))
}

/** Calls that the shell host was asked for since `begin`. */
function asked(begin = 0): string[] {
  const lines = readFileSync(driven.lab.paths.requests, 'utf8').split('\n').filter(Boolean)
  return lines.slice(begin).flatMap((line) => {
    const { kind, call } = JSON.parse(line) as { kind: string; call: string }
    return kind === 'shell' && /import|fail|sync|stop|start/.test(call) ? [call] : []
  })
}

let begin = 0
beforeEach(() => {
  begin = readFileSync(driven.lab.paths.requests, 'utf8').split('\n').filter(Boolean).length
})

function stepIn(last: Snapshot, id: string, subject: string): Step | undefined {
  return last.plan.runbooks.flatMap(({ steps }) => steps).find((one) => one.id === id && one.subject === subject)
}

/** Until nothing is flagged. `seen`: hears of each pass before Holdfast runs what it may. */
async function bringBack(
  { recoveries }: Pick<Losses, 'recoveries'>,
  daemon: Watcher,
  begun: Snapshot,
  manner: Manner,
  seen: (last: Snapshot) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const all = operators({ recoveries }, driven, daemon, manner)
  let last = begun
  const isOpen = (): boolean =>
    recoveries.some(({ server }) => last.plan.flags.some(({ subject }) => subject === server))
  for (let round = 0; isOpen(); round++) {
    if (round > 40) throw new Error(`it does not end: ${JSON.stringify(last.plan.runbooks, null, 1)}`)
    for (const one of all) await one.goesOn()
    last = await daemon.after(60)
    await seen(last)
    last = await daemon.runsRecoveries()
  }
  for (const one of all) await one.goesOn()
}

/** The same by failover and failback, while its users go on working on the partner. */
async function bringBackFromPartner(
  loss: Losses & { pool: string },
  daemon: Watcher,
  begun: Snapshot,
  witness: Witness & Pick<Manner, 'minds'>,
  works: () => Promise<void>,
): Promise<void> {
  const importing = new Set<string>()
  let isWorking = false
  await bringBack(
    loss,
    daemon,
    begun,
    { ...witness, takes: { ...ways, 'fail-over-pool': 'failed-over' } },
    async (last) => {
      const fork = stepIn(last, 'fail-over-pool', loss.pool)
      if (fork?.branch !== 'failed-over') return
      for (const id of ['stop-services', 'import-user-data', 'start-services']) {
        const step = stepIn(last, id, loss.pool)
        importing.add(`${step?.state ?? 'gone'} by ${step?.endedBy?.id ?? 'nobody'}`)
      }
      if (isWorking) return
      isWorking = true
      await works()
    },
  )
  expect([...importing]).toEqual(['ended by fail-over-pool'])
}

const [standard, itsPartner] = ['se02.contoso.com', 'se03.contoso.com']
const share = `\\\\${standard}\\LyncShare`
const ofStandard: Recovery = { server: standard, scenario: 'standard-edition', run: 'holdfast' }
const lostStandard = { pool: standard, breaks: [`server ${standard}`], recoveries: [ofStandard] }

const byHand = (kind: string): Promise<void> => use({ kind, subject: standard }, driven)

test('a Standard Edition server of a pair', async () => {
  const before = { users: heldOf('users', standard), files: heldOf('files', share) }
  await using daemon = await driven.watcher()
  // This morning, after the backup of last night.
  await happens('contacts', standard)
  await byHand('upload-content')
  const flagged = await lose(lostStandard, driven, daemon)

  const [scenes, done]: [Scene[], string[]] = [[], []]
  const story = storyteller((scene) => scenes.push(scene))
  const does: typeof story.does = (hand, step) => {
    done.push(inWords(hand))
    story.does?.(hand, step)
  }
  await bringBackFromPartner(lostStandard, daemon, flagged, { ...story, does }, async () => {
    const told = (title: string, command: string): unknown => scenes.push({ kind: 'does', title, command })
    await happens('contacts', standard)
    told(`Users of ${standard} work on ${itsPartner}: each adds a contact`, `holdfast lab break contacts ${standard}`)
    await byHand('upload-content')
    told('Somebody uploads a file to a meeting', `holdfast lab do upload-content ${standard}`)
  })

  expect(heldOf('users', standard)).toEqual(withNewContacts(before.users, 2))
  const uploads = Object.keys(heldOf('files', share)).filter((name) => !(name in before.files))
  expect(uploads.map((name) => name.replace(/^.*\//, ''))).toEqual(['upload 1.pptx.enc', 'upload 2.pptx.enc'])
  expect(heldOf('files', share)).toMatchObject(before.files)
  expect(asked(begin)).toEqual(['sync-backup-service', 'fail-back-pool', 'import-response-groups'])
  expect(done).toEqual([
    `re-point-edge ${standard}`,
    `fail-over-pool ${standard}`,
    ...[`install-windows ${standard}`, `join-domain ${standard}`, `restore-certificates ${standard}`],
    ...[`share-folder ${share}`, 'enable-topology contoso', 'download-topology contoso', 'publish-topology contoso'],
    ...['install-local-configuration-store', 'setup-components', 'assign-certificates', 'apply-updates'].map(
      (act) => `${act} ${standard}`,
    ),
    ...[`start-services ${standard}`, `re-point-edge ${standard} back`],
  ])
  await putAway(lostStandard, driven)
  await holdsPage(
    {
      file: 'pair.md',
      title: 'A pool of a pair is lost',
      end: 'Nothing is flagged any more. What users did on the partner is back, and what no pair replicates came from the set.',
    },
    scenes,
  )
}, 300_000)

const [pool, poolPartner] = ['pool01.contoso.com', 'pool02.contoso.com']
const ofPool: Recovery[] = [
  { server: 'sql01.contoso.com', scenario: 'back-end', run: 'holdfast' },
  { server: pool, scenario: 'pool', run: 'holdfast' },
]
const lostPool = {
  pool,
  breaks: ['sql01', 'fe01', 'fe02'].map((name) => `server ${name}.contoso.com`),
  recoveries: ofPool,
}

test('a Front End pool of a pair, with its Back End', async () => {
  const before = heldOf('users', pool)
  await using daemon = await driven.watcher()
  await happens('contacts', pool)
  const flagged = await lose(lostPool, driven, daemon)
  await bringBackFromPartner(lostPool, daemon, flagged, {}, () => happens('contacts', pool))
  expect(heldOf('users', pool)).toEqual(withNewContacts(before, 2))
  expect(asked(begin)).toEqual(['fail-back-pool'])
  await putAway(lostPool, driven)
}, 300_000)

test('both servers of a pair: all of both comes from the set', async () => {
  await using daemon = await driven.watcher()
  await happens('contacts', standard)
  const both = {
    breaks: [standard, itsPartner].map((one) => `server ${one}`),
    recoveries: [standard, itsPartner].map((server): Recovery => ({ ...ofStandard, server })),
  }
  const flagged = await lose(both, driven, daemon)
  expect(stepIn(flagged, 'fail-over-pool', standard)).toBeUndefined()
  await bringBack(both, daemon, flagged, {})
  expect(asked(begin).filter((call) => /import-user|fail/.test(call))).toEqual([
    ...['import-user-data', 'import-user-data'],
  ])
  const withNew = Object.values(heldOf('users', standard))
    .flat()
    .filter((text) => /new\d@/.test(text))
  expect(withNew).toEqual([])
  await putAway(both, driven)
}, 300_000)

/** Commits the Recovery of the Standard Edition server with these words. */
async function says(words: object): Promise<void> {
  const { clone } = driven.lab.paths
  const resource = { apiVersion: 'holdfast/v1', kind: 'Recovery', metadata: { name: nameOf(ofStandard) } }
  const text = stringify({ ...resource, spec: { ...ofStandard, ...words } })
  await writeFile(join(clone, 'desired-state', fileOf(ofStandard)), text)
  await git(clone, 'add', '--all')
  await git(clone, 'commit', '--message', 'Said')
  await git(clone, 'push', '--quiet')
}

test('acts in a wrong order are refused, or told, and nothing is written over what users did', async () => {
  const before = heldOf('users', standard)
  await using daemon = await driven.watcher()
  let last = await lose(lostStandard, driven, daemon)
  const word = (more: object): object => ({ subject: standard, by: 'Jane', at: daemon.now, ...more })
  const checked = ['check-surroundings', 'check-restore-rights', 're-point-edge'].map((step) => word({ step }))
  const fork = (): Step | undefined => stepIn(last, 'fail-over-pool', standard)

  // The way is chosen, and nobody has gone it.
  await says({ acknowledge: checked, choose: [word({ step: 'fail-over-pool', branch: 'failed-over' })] })
  last = await daemon.after(60)
  expect(fork()).toMatchObject({ state: 'blocked' })
  expect(fork()?.evidence).toContain(`But ${standard} is Active.`)
  // Nothing is there to be failed back to.
  await expect(byHand('fail-back-pool')).rejects.toMatchObject({ code: 'lab-act-impossible' })

  // The set is chosen, and then somebody fails over all the same.
  await says({ acknowledge: checked, choose: [word({ step: 'fail-over-pool', branch: 'from-set' })] })
  last = await daemon.after(60)
  expect(fork()).toMatchObject({ state: 'done', branch: 'from-set' })
  await byHand('re-point-edge')
  await byHand('fail-over-pool')
  await happens('contacts', standard)
  await byHand('fail-back-pool').catch((thrown: unknown) => {
    expect(toProblem(thrown).message).toBe(`The pool "${standard}" does not run.`)
  })
  const forced = ['stop-services', 'import-user-data', 'start-services'].map((step) => word({ step }))
  await says({
    acknowledge: [...checked, ...forced],
    choose: [word({ step: 'fail-over-pool', branch: 'from-set' })],
  })
  last = await daemon.after(400)
  expect(fork()).toMatchObject({ state: 'blocked' })
  expect(fork()?.evidence).toContain(`the way is from-set`)
  expect(fork()?.evidence).toContain(`But ${standard} is FailedOver.`)
  const gates = stepIn(last, 'import-user-data', standard)?.run?.refused.map(({ gate }) => gate)
  expect(gates).toEqual(expect.arrayContaining(['step-waits', 'served-by-partner']))
  await daemon.runsRecoveries()
  expect(asked(begin)).toEqual([])

  await bringBackFromPartner(lostStandard, daemon, await daemon.after(60), { minds: false }, () => Promise.resolve())
  expect(heldOf('users', standard)).toEqual(withNewContacts(before, 1))
  expect(asked(begin).filter((call) => /import-user|fail/.test(call))).toEqual(['fail-back-pool'])
  await putAway(lostStandard, driven)
}, 300_000)

test('the partner is lost too, while it serves: a person says what is given up, then all comes from the set', async () => {
  await using daemon = await driven.watcher()
  let last = await lose(lostPool, driven, daemon)
  const takes = { ...ways, 'fail-over-pool': 'failed-over' }
  const all = operators(lostPool, driven, daemon, { takes, leaves: new Set(['rebuild-machine']) })
  for (let round = 0; stepIn(last, 'fail-over-pool', pool)?.branch === undefined && round < 5; round++) {
    for (const one of all) await one.goesOn()
    last = await daemon.after(60)
  }
  expect(stepIn(last, 'fail-over-pool', pool)).toMatchObject({ state: 'done', branch: 'failed-over' })
  await happens('contacts', pool)

  const ofPartner = [
    { server: 'sql11.contoso.com', scenario: 'back-end', run: 'holdfast' },
    { server: poolPartner, scenario: 'pool', run: 'holdfast' },
  ] as const
  const breaks = ['sql11', 'fe11', 'fe12'].map((name) => `server ${name}.contoso.com`)
  last = await lose({ breaks, recoveries: [...ofPool, ...ofPartner] }, driven, daemon)
  expect(stepIn(last, 'import-user-data', pool)).toMatchObject({ state: 'ended' })
  expect(stepIn(last, 'fail-back-pool', pool)?.run?.refused).toContainEqual({
    gate: 'partner-not-serving',
    message: `${poolPartner} is lost too. Where it does not come back with what users wrote there, choose from-set of fail-over-pool with a new time: that is given up then. Nothing is fetched from ${poolPartner}.`,
  })

  const [refused, ended] = [new Set<string>(), new Set<string>()]
  // The Front Ends are rebuilt by the other runbook: what needs them is tried again.
  const fromSet: Manner = {
    ...{ minds: false, takes: { ...ways, 'fail-over-pool': 'from-set' } },
    does: (hand) => ended.add(inWords(hand)),
  }
  await bringBack({ recoveries: ofPool }, daemon, last, fromSet, (seen) => {
    for (const { gate, accept } of stepIn(seen, 'import-user-data', pool)?.run?.refused ?? [])
      if (accept) refused.add(`${gate} ${accept.fact ?? ''}`)
    return Promise.resolve()
  })
  expect([...refused]).toContain('pool-not-active FailedOver')
  expect([...ended]).toContain(`fail-back-pool ${pool} disaster-mode`)
  expect(asked(begin).filter((call) => /import-user|fail/.test(call))).toEqual(['import-user-data'])
  expect(heldOf('users', pool)).toEqual(saved)
}, 300_000)
