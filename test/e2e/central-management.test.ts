/**
 * The Central Management store is lost, and lives on elsewhere: at the paired pool, to which the operator fails it over, or at
 * the mirror, which becomes principal of every type of database (domain reference, sections 6.14 and 7.2).
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { expect, test } from 'vitest'
import { openRedundantLab, type DrivenLab, type Watcher } from '../support/driven-lab.ts'
import { use } from '../support/hands.ts'
import { git } from '../support/lab.ts'
import { inWords } from '../support/operator.ts'
import { bringBack, held, lose, operators, putAway, type Losses } from '../support/scenario-run.ts'

const host = (name: string): string => `${name}.contoso.com`
const [se01, se02] = [String.raw`se01.contoso.com\rtc`, String.raw`se02.contoso.com\rtc`]

const lost = (name: string): Losses => ({
  breaks: [`server ${host(name)}`],
  recoveries: [{ server: host(name), scenario: 'central-management', run: 'holdfast' }],
})

const statesOf = (daemon: Watcher, server: string, ...ids: readonly string[]): (string | undefined)[] =>
  daemon
    .runbook(server)
    .steps.filter(({ id }) => ids.includes(id))
    .map(({ state }) => state)

/** What creates the store anew, points back to the old host, or fills it. */
const restoring = [
  ...['prepare-first-standard-edition', 'prove-store-empty', 'create-central-management-store', 'point-directory'],
  ...['choose-configuration', 'import-local-replica', 'import-configuration'],
]

/** Changes a file of the desired state; `text`: the file is new. */
async function commit({ lab }: DrivenLab, name: string, change: (text: string) => string): Promise<void> {
  const { clone } = lab.paths
  const file = join(clone, 'desired-state', name)
  await writeFile(file, change(await readFile(file, 'utf8').catch(() => '')))
  await git(clone, 'add', '--all')
  await git(clone, 'commit', '--quiet', '--message', 'Change')
  await git(clone, 'push', '--quiet')
}

/** What is published names another store; what the store holds is the same. */
function heldBut({ folder: _, ...driven }: DrivenLab): unknown[] {
  const found = held({ ...driven, folder: driven.lab.paths.directory })
  return found.map(({ content, ...one }) => ({
    ...one,
    content: content && Object.fromEntries(Object.entries(content).filter(([name]) => name !== 'Topology')),
  }))
}

test('a failover to the paired pool ends the restore of the store', async () => {
  await using driven = await openRedundantLab('se01-rtc')
  const scenario = lost('se01')
  const [server, fork] = [host('se01'), 'fail-over-central-management']
  const before = heldBut(driven)
  await using daemon = await driven.watcher()
  await lose(scenario, driven, daemon)
  expect(statesOf(daemon, server, ...restoring)).toEqual(restoring.map(() => 'waiting'))

  // Somebody says that it cannot be failed over, and somebody else does it: it is disputed, and nothing of the store is done.
  const choose = [{ step: fork, branch: 'restore', by: 'Jim', at: daemon.now }]
  const said = ['check-surroundings', 'check-restore-rights', 'save-local-replica']
  const acknowledge = said.map((step) => ({ step, by: 'Jim', at: daemon.now }))
  const spec = { server, scenario: 'central-management', run: 'holdfast', acknowledge, choose }
  const name = 'se01-contoso-com'
  await commit(driven, `recovery-${name}.yaml`, () =>
    stringify({ apiVersion: 'holdfast/v1', kind: 'Recovery', metadata: { name }, spec }),
  )
  await use({ kind: fork, subject: se02 }, driven)
  await daemon.after(60)
  const disputed = daemon.runbook(server).steps.find(({ id }) => id === fork)
  expect(disputed).toMatchObject({ state: 'blocked', evidence: expect.stringContaining('But se02') as unknown })
  await daemon.runsRecoveries()
  expect(statesOf(daemon, server, ...restoring)).toEqual(restoring.map(() => 'waiting'))

  // Without that word it is over.
  await commit(driven, `recovery-${name}.yaml`, () =>
    stringify({ apiVersion: 'holdfast/v1', kind: 'Recovery', metadata: { name }, spec: { ...spec, choose: [] } }),
  )
  await daemon.after(60)
  expect(statesOf(daemon, server, fork)).toEqual(['done'])
  expect(statesOf(daemon, server, ...restoring)).toEqual(restoring.map(() => 'ended'))

  // Active Directory points back at the old host, which is empty: nothing of it gets due.
  await use({ kind: 'point-directory', subject: se01 }, driven)
  await daemon.after(60)
  await daemon.runsRecoveries()
  expect(statesOf(daemon, server, ...restoring)).toEqual(restoring.map(() => 'ended'))
  await use({ kind: 'point-directory', subject: se02 }, driven)
  await daemon.after(60)

  const done: string[] = []
  const all = operators(scenario, driven, daemon, {
    ...{ takes: { [fork]: 'failed-over' }, minds: false },
    does: (hand) => done.push(inWords(hand)),
  })
  for (let round = 0; statesOf(daemon, server, 'name-store-in-git')[0] !== 'ready'; round++) {
    if (round > 20) throw new Error(JSON.stringify(daemon.runbook(server).steps, null, 1))
    for (const one of all) await one.goesOn()
    await daemon.after(60)
    await daemon.runsRecoveries()
  }
  // Git is at hand, and says another thing: no word stands against that, and the way out is a commit.
  expect(daemon.runbook(server).steps.find(({ id }) => id === 'name-store-in-git')).toMatchObject({
    acknowledgeable: false,
    evidence: 'Git names se01-rtc as the Central Management store.',
  })
  await commit(driven, 'all.yaml', (text) =>
    text.replace('"centralManagementStore": "se01-rtc"', '"centralManagementStore": "se02-rtc"'),
  )
  await bringBack(all, scenario, daemon, await daemon.after(60))
  expect(done.filter((act) => /central-management|point-directory|first-standard/.test(act))).toEqual([])
  expect(heldBut(driven)).toEqual(before)
  await putAway(scenario, driven)
  const { plan } = await daemon.after(60)
  // Until the next set.
  expect([...new Set(plan.findings.map(({ code }) => code))]).toEqual(['database-recreated', 'environment-changed'])
}, 240_000)

test('a mirror that becomes principal of every type of database is the store, and nothing is restored', async () => {
  await using driven = await openRedundantLab('sql01-rtc')
  const scenario = lost('sql01')
  const [server, survivor] = [host('sql01'), String.raw`sql02.contoso.com\rtc`]
  const before = heldBut(driven)
  await using daemon = await driven.watcher()
  await lose(scenario, driven, daemon)
  const failOver = (type: string) => use({ kind: 'fail-over-mirror', subject: survivor, detail: type }, driven)
  const steps = () => daemon.runbook(server).steps
  const told = () => steps().find(({ id }) => id === 'back-up-surviving-mirror')
  expect(
    told()
      ?.command?.match(/-DatabaseType \w+/g)
      ?.sort(),
  ).toEqual(['Application', 'CentralMgmt', 'User'].map((type) => `-DatabaseType ${type}`))

  // The type of the store is forgotten: it is still lost.
  for (const type of ['User', 'Application']) await failOver(type)
  await daemon.after(60)
  expect(told()).toBeDefined()
  expect(statesOf(daemon, server, 'create-central-management-store')).toEqual(['waiting'])

  await failOver('CentralMgmt')
  await daemon.after(60)
  expect(steps().filter(({ id, run }) => run !== undefined || restoring.includes(id))).toEqual([])

  const done: string[] = []
  const all = operators(scenario, driven, daemon, { does: (hand) => done.push(inWords(hand)) })
  await bringBack(all, scenario, daemon, await daemon.after(60))
  const sql01 = String.raw`sql01.contoso.com\rtc`
  expect(done).toEqual([
    ...[`point-directory ${survivor}`, `publish-store-alone ${survivor}`],
    ...['User', 'Application', 'CentralMgmt'].map((one) => `remove-mirror ${survivor} ${one}`),
    ...[`install-windows ${server}`, `join-domain ${server}`],
    ...[`install-sql-server ${sql01}`, `publish-store-mirrored ${survivor} ${sql01}`, `create-mirror ${sql01}`],
    `point-directory ${survivor}`,
  ])
  expect(heldBut(driven)).toEqual(before)
}, 240_000)
