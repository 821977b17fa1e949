/**
 * Mirrors, groups and clusters that were lost come back by the runbook: RESTORE before a mirror is made and before a database
 * joins its group, and no restore at all where something of them lives on (domain reference, sections 6.6 and 6.14).
 */
import { writeFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { toProblem } from '../../src/base/problem.ts'
import { change } from '../../src/lab/lab.ts'
import { openRedundantLab, type DrivenLab, type Watcher } from '../support/driven-lab.ts'
import { use, type Hand } from '../support/hands.ts'
import { git } from '../support/lab.ts'
import { inWords, type Manner, type Operator } from '../support/operator.ts'
import { bringBack, held, lose, operators, putAway, type Losses } from '../support/scenario-run.ts'

let driven: DrivenLab
beforeAll(async () => {
  driven = await openRedundantLab('se01-rtc')
}, 120_000)
afterAll(() => driven[Symbol.asyncDispose]())

const host = (name: string): string => `${name}.contoso.com`
const machine = (name: string): string[] => [`install-windows ${host(name)}`, `join-domain ${host(name)}`]
const lost = (scenario: string, ...names: string[]): Losses => ({
  breaks: names.map((name) => `server ${host(name)}`),
  recoveries: names.map((name) => ({ server: host(name), scenario, run: 'holdfast' })),
})
const topology = ['download-topology contoso', 'publish-topology contoso']
const [sql03, sql04] = [String.raw`sql03.contoso.com\archive`, String.raw`sql04.contoso.com\archive`]
const [sql05, sql06, sqlag] = [host('sql05'), host('sql06'), host('sqlag')]
const sqlcl = String.raw`sqlcl.contoso.com\chat`

const mirroredArchive = lost('archiving-monitoring', 'sql03', 'sql04')
const group = lost('archiving-monitoring', 'sql05', 'sql06')
const cluster = lost('persistent-chat', 'sql07', 'sql08')

/** Operators, and what they have done. */
function hands(scenario: Losses, daemon: Watcher, manner: Manner = {}): { all: Operator[]; done: string[] } {
  const done: string[] = []
  return { done, all: operators(scenario, driven, daemon, { does: (hand) => done.push(inWords(hand)), ...manner }) }
}

const stepOf = (daemon: Watcher, server: string, id: string) =>
  daemon.runbook(server).steps.find((step) => step.id === id)

/** Hands work, and Holdfast does not yet, until a step is done. */
async function workUntil(id: string, { recoveries }: Losses, all: readonly Operator[], daemon: Watcher): Promise<void> {
  const server = recoveries[0]?.server ?? ''
  for (let round = 0; stepOf(daemon, server, id)?.state !== 'done'; round++) {
    if (round > 20) throw new Error(`${id} is not done: ${JSON.stringify(stepOf(daemon, server, id))}`)
    for (const one of all) await one.goesOn()
    await daemon.after(60)
  }
}

const refusal = (hand: Hand): Promise<string> =>
  use(hand, driven).then(
    () => 'it was done',
    (thrown: unknown) => toProblem(thrown).message,
  )

test.each([
  {
    what: 'both partners of a mirrored archive: restored, and mirrored then',
    scenario: mirroredArchive,
    acts: [
      ...[...machine('sql03'), ...machine('sql04'), `install-sql-server ${sql03}`, `install-sql-server ${sql04}`],
      ...[...topology, `create-databases ${sql03}`, `grant-sysadmin ${sql03}`],
      ...[`publish-store-mirrored ${sql03} ${sql04}`, `create-mirror ${sql04}`],
    ],
  },
  {
    what: 'an availability group as a whole: cluster, group, databases, restored, and joined then',
    scenario: group,
    acts: [
      ...[...machine('sql05'), ...machine('sql06'), `build-windows-cluster ${sqlag}`],
      ...[`install-sql-server ${sql05}`, `install-sql-server ${sql06}`, `create-availability-group ${sqlag}`],
      ...[...topology, `create-databases ${sqlag}`, `grant-sysadmin ${sqlag}`, `join-availability-group ${sqlag}`],
    ],
  },
  {
    what: 'a failover cluster as a whole',
    scenario: cluster,
    acts: [
      ...[...machine('sql07'), ...machine('sql08'), `build-windows-cluster ${sqlcl}`, `install-sql-server ${sqlcl}`],
      ...[...topology, `create-databases ${sqlcl}`, `grant-sysadmin ${sqlcl}`],
      ...['clear-active-chat-servers contoso', 'set-active-chat-servers contoso'],
    ],
  },
])(
  '$what',
  async ({ scenario, acts }) => {
    const before = held(driven)
    await using daemon = await driven.watcher()
    const flagged = await lose(scenario, driven, daemon)
    const { all, done } = hands(scenario, daemon)
    await bringBack(all, scenario, daemon, flagged)
    expect(held(driven)).toEqual(before)
    // Each of the two procedures downloads the topology.
    expect([...new Set(done)]).toEqual(acts)
    await putAway(scenario, driven)
  },
  120_000,
)

test('a database that was mirrored before its restore is left alone, and the way out is told', async () => {
  const before = held(driven)
  await using daemon = await driven.watcher()
  await lose(mirroredArchive, driven, daemon)
  const leaves = new Set(['create-mirror'])
  const { all } = hands(mirroredArchive, daemon, { leaves })
  await workUntil('create-databases', mirroredArchive, all, daemon)
  await isLeftAlone({ kind: 'create-mirror', subject: sql04 }, host('sql03'), daemon)
  await use({ kind: 'remove-mirror', subject: sql03 }, driven)
  leaves.clear()
  await bringBack(all, mirroredArchive, daemon, await daemon.after(60))
  expect(held(driven)).toEqual(before)
  await putAway(mirroredArchive, driven)
}, 120_000)

test('what names the listener of a group waits until it answers; what joined too early is left alone', async () => {
  const before = held(driven)
  await using daemon = await driven.watcher()
  await lose(group, driven, daemon)
  const leaves = new Set(['create-availability-group', 'join-availability-group'])
  const { all } = hands(group, daemon, { leaves })
  await workUntil('install-sql-server', group, all, daemon)
  await daemon.after(60)
  expect(await refusal({ kind: 'create-databases', subject: sqlag })).toMatch(/Cannot connect/)
  const state = (id: string) => stepOf(daemon, sql05, id)?.state
  expect([state('create-availability-group'), state('create-databases')]).toEqual(['ready', 'waiting'])
  // No word stands against a name that does not answer.
  expect(stepOf(daemon, sql05, 'create-availability-group')?.acknowledgeable).toBe(false)

  leaves.delete('create-availability-group')
  await workUntil('create-databases', group, all, daemon)
  await isLeftAlone({ kind: 'join-availability-group', subject: sqlag }, sql05, daemon)
  await use({ kind: 'leave-availability-group', subject: sqlag }, driven)
  leaves.clear()
  await bringBack(all, group, daemon, await daemon.after(60))
  expect(held(driven)).toEqual(before)
  await putAway(group, driven)
}, 120_000)

/** After this act Holdfast restores nothing, and says why. */
async function isLeftAlone(act: Hand, server: string, daemon: Watcher): Promise<void> {
  await use(act, driven)
  await daemon.after(60)
  await daemon.runsRecoveries()
  const found = held(driven)
  await daemon.after(60)
  await daemon.runsRecoveries()
  expect(held(driven)).toEqual(found)
  const refused = stepOf(daemon, server, 'restore-databases')?.run?.refused ?? []
  expect(refused).toContainEqual(
    expect.objectContaining({
      gate: 'database-mirrored',
      message: expect.stringMatching(
        / is in (a mirroring session|an availability group), .*Take the database out/,
      ) as unknown,
    }),
  )
}

test('one replica of a group, and one node of a cluster: nothing is restored, and nothing flagged', async () => {
  const before = held(driven)
  await using daemon = await driven.watcher()
  await daemon.after(0)
  for (const subject of [sql05, host('sql07')])
    await change(driven.folder, 'break', { kind: 'server', subject, detail: null })
  for (let round = 0; round < 4; round++) await daemon.after(240)
  const { plan } = await daemon.after(60)
  expect(plan.flags).toEqual([])
  expect(plan.findings.map(({ code, subject }) => `${code} ${subject}`)).toEqual(
    [sql05, host('sql07')].map((one) => `host-unreachable ${one}`),
  )
  expect(held(driven)).toEqual(before)

  for (const act of [...machine('sql05'), ...machine('sql07')]) {
    const [kind = '', subject = ''] = act.split(' ')
    await use({ kind, subject }, driven)
  }
  await use({ kind: 'install-sql-server', subject: sql05 }, driven)
  for (const subject of [sqlag, sqlcl]) await use({ kind: 'build-windows-cluster', subject }, driven)
  await use({ kind: 'join-availability-group', subject: sqlag }, driven)
  await daemon.after(60)
  expect((await daemon.after(240)).plan.findings).toEqual([])
  expect(held(driven)).toEqual(before)
}, 120_000)

test('one partner of a mirrored archive: the survivor carries it, and Git follows what was published', async () => {
  const scenario = lost('mirror-partner', 'sql03')
  // What is published is changed, and the archive is told under its new host.
  const withoutTopology = (): unknown[] =>
    held(driven)
      .filter(({ kind }) => kind !== 'configuration')
      .map(({ subject, ...one }) => ({ ...one, subject: subject.replace(sql04, sql03) }))
  const before = withoutTopology()
  await using daemon = await driven.watcher()
  const flagged = await lose(scenario, driven, daemon)
  const { all, done } = hands(scenario, daemon)
  await all[0]?.declares()
  await daemon.after(60)
  // This login is not sysadmin, and sees no session of a mirror: nothing is taken for done by that.
  expect(stepOf(daemon, host('sql03'), 'fail-over-mirror')).toMatchObject({
    evidence: `LcsLog on ${sql04}: RESTORING, and only sysadmin is shown whether as a mirror.`,
  })
  expect(daemon.runbook(host('sql03')).steps.filter(({ run }) => run !== undefined)).toEqual([])
  await bringBack(all, scenario, daemon, flagged)
  expect(done).toEqual([
    ...machine('sql03'),
    ...[`fail-over-mirror ${sql04} Archiving`, `publish-store-alone ${sql04}`, `remove-mirror ${sql04} Archiving`],
    ...[`install-sql-server ${sql03}`, `publish-store-mirrored ${sql04} ${sql03}`, `create-mirror ${sql03}`],
  ])
  expect(withoutTopology()).toEqual(before)

  // That databases were made anew, by scenes before this one too, is told until a set has them.
  const isOfTopology = (one: string): boolean => /^(unmanaged|not-published|published|recovery-steps)/.test(one)
  const told = async (): Promise<string[]> => {
    await daemon.after(60)
    const { plan } = await daemon.after(240)
    return plan.findings.map(({ code, subject }) => `${code} ${subject}`).filter(isOfTopology)
  }
  // The flag is closed, and Git says what is not so any more: nothing lets that be forgotten.
  expect(await told()).toEqual([
    ...[`not-published ${sql03}`, 'published-differs pool01.contoso.com'],
    ...[`recovery-steps-left ${host('sql03')}`, `unmanaged ${sql04}`],
  ])
  await swapInGit()
  await putAway(scenario, driven)
  expect(await told()).toEqual([])
}, 120_000)

/** sql04 is the host of the archive from now on, and sql03 its partner. */
async function swapInGit(): Promise<void> {
  const { clone } = driven.lab.paths
  const file = join(clone, 'desired-state', 'all.yaml')
  const text = await readFile(file, 'utf8')
  const swapped = text.replaceAll(/sql0[34](?=\.contoso)/g, (name) => (name === 'sql03' ? 'sql04' : 'sql03'))
  await writeFile(file, swapped)
  await git(clone, 'commit', '--all', '--quiet', '--message', 'sql04 is the host of the archive')
}
