/**
 * Asked by hand to restore what must not be restored: each is refused with exit code 4 and every reason, and all that the
 * deployment holds is as it was (design, section 7, "The gate"; invariant 8).
 */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import type { RestoreView } from '../../src/views/restore.ts'
import { git, startCli, startLab, type TestLab } from '../support/lab.ts'
import type { SetsJson } from '../support/shapes.ts'
import { until } from '../support/until.ts'

const server = 'sql05.contoso.com'
const database = `${server}/LcsCDR`
const plain = `${server}/QoEMetrics`
const mirrored = 'sql03.contoso.com'
const files = 'fs01.contoso.com'
const elsewhere = String.raw`\\fs01.contoso.com\Elsewhere`

let lab: TestLab
let daemon: ChildProcess
/** Made before the loss. */
let good: SetsJson['sets'][number]
/** What two databases held then. */
let held: Record<'encrypted' | 'plain', object>

beforeAll(async () => {
  lab = await startLab()
  await lab.commit('desired-state/deployment.yaml', (text) => text.replace('grace: 1m', 'grace: 0s'))
  await lab.break('database', database, 'encrypted')
  daemon = startCli('run', '--config', lab.config)
  good = await longUntil(async () => (await nightly()).find(({ state }) => state === 'complete'))
  held = { encrypted: await lab.content(database), plain: await lab.content(plain) }
}, 240_000)
afterAll(async () => {
  daemon.kill('SIGKILL')
  await lab[Symbol.asyncDispose]()
}, 180_000)

async function nightly(): Promise<SetsJson['sets']> {
  return (await lab.json<SetsJson>('sets', '--policy', 'nightly')).json.sets
}

/** A look at an instance may be a full interval away (`looks.atLeastEvery`). */
function longUntil<T>(look: () => Promise<T | undefined>): Promise<T> {
  return until(look).catch(() => until(look))
}

/** Every row and every file of the deployment, as text. */
async function everything(): Promise<string> {
  return (await lab.holdfast('lab', 'content', '--dir', lab.dir, '--output', 'json')).out
}

/** Thumbprint of what its backup is encrypted with. */
function certificate(): string {
  const { items } = JSON.parse(readFileSync(join(good.path, 'backup-set.json'), 'utf8')) as {
    items: { subject: string; database?: { encryptor: string | null } }[]
  }
  return items.find(({ subject }) => subject === database)?.database?.encryptor ?? ''
}

/** What stands against what Holdfast would restore, or against one subject of that. */
async function gatesOf(server: string, subject?: string): Promise<string[]> {
  const { json } = await lab.json<RestoreView>('restore', server, '--dry-run')
  const steps = json.steps.filter((one) => one.run && (subject === undefined || one.subject === subject))
  return steps.flatMap(({ run }) => run?.refused.map(({ gate }) => gate) ?? [])
}

/** A text for each file of desired state; null removes it. */
async function push(files: Record<string, string | null>): Promise<void> {
  for (const [file, text] of Object.entries(files)) {
    const path = join(lab.clone, 'desired-state', file)
    if (text === null) rmSync(path, { force: true })
    else writeFileSync(path, text)
  }
  await git(lab.clone, 'add', '--all')
  await git(lab.clone, 'commit', '--allow-empty', '--message', 'Change')
  await git(lab.clone, 'push', '--quiet')
}

function changed(file: string, from: string, to: string): Record<string, string> {
  const text = readFileSync(join(lab.clone, 'desired-state', file), 'utf8')
  expect(text).toContain(from)
  return { [file]: text.replace(from, to) }
}

/** As an operator writes it who did all that comes before a restore; `unseen`: of a machine, what nothing shows. */
function recovery(of: string, more: Record<string, unknown> = {}, unseen: string[] = []): Record<string, string> {
  const said = { by: 'Jane', at: new Date().toISOString() }
  const steps = ['check-surroundings', 'check-restore-rights', 'download-topology', ...unseen]
  const spec = {
    ...{ server: of, scenario: of.startsWith('\\') ? 'file-store' : 'archiving-monitoring', run: 'holdfast' },
    ...{ acknowledge: steps.map((step) => ({ step, ...said })), ...more },
  }
  const head = { apiVersion: 'holdfast/v1', kind: 'Recovery', metadata: { name: 'lost' } }
  return { 'recovery.yaml': stringify({ ...head, spec }) }
}

function freezing(actions: string[], subjects: string[]): Record<string, string> {
  const inADay = new Date(Date.now() + 86_400_000).toISOString()
  const head = { apiVersion: 'holdfast/v1', kind: 'Suspension', metadata: { name: 'wait' } }
  const spec = { subjects, actions, reason: 'Jim looks at the disks', until: inADay }
  return { 'wait.yaml': stringify({ ...head, spec }) }
}

/** Once the daemon has seen what is so: the command is refused for these reasons, and nothing is touched. */
async function refused(of: string, gates: readonly string[], ...words: (string | RegExp)[]): Promise<void> {
  await longUntil(async () => {
    const { json } = await lab.json<RestoreView>('restore', of, '--dry-run')
    return gates.every((gate) => json.refused.some((one) => one.gate === gate)) || undefined
  }).catch(async (thrown: unknown) => {
    throw new Error(`${String(thrown)}: ${(await lab.holdfast('restore', of, '--dry-run')).out}`)
  })
  const before = await everything()
  const { code, err } = await lab.holdfast('restore', of, '--output', 'json')
  const { error } = JSON.parse(err) as { error: { message: string } }
  expect([code, error.message]).toEqual([4, expect.any(String)])
  for (const one of words) expect(error.message).toMatch(one)
  expect((await everything()) === before).toBe(true)
}

test('a server that lives', async () => {
  await refused(server, ['not-flagged'], `${server} is not flagged`)
}, 180_000)

test('what nobody declared, and what is not made anew', async () => {
  await lab.break('database', database, 'lost')
  await refused(database, ['not-declared'], 'No Recovery in Git is for')
  // Else Holdfast verifies the set as soon as somebody declares that it is needed.
  await push({ ...recovery(database, { run: 'guide' }), ...freezing(['verify-backup-set'], ['nightly']) })
  await refused(
    database,
    ['only-guided', 'database-missing', 'certificate-unseen'],
    'says run: guide',
    'has no database LcsCDR to fill',
    `whether the certificate 0x${certificate()} is on ${server} is shown to sysadmin alone`,
  )
}, 180_000)

test('a copy that was taken while it was flagged', async () => {
  await lab.do('create-databases', server)
  await lab.do('grant-sysadmin', server)
  await longUntil(async () => {
    const { json } = await lab.json<RestoreView>('restore', database, '--dry-run')
    return json.refused.some(({ gate }) => gate === 'database-missing') ? undefined : true
  })
  const { json } = await lab.json<{ set: SetsJson['sets'][number] }>('backup', 'nightly', '--wait')
  const { set } = json
  expect(set.items.find(({ subject }) => subject === database)).toMatchObject({ outcome: 'suspect', code: 'flagged' })
  await push(recovery(database, { from: set.id }))
  await refused(database, ['copy-missing'], `No set that can be used holds sql-database of ${database}`)
}, 180_000)

test('a set that no location holds, and one of another deployment', async () => {
  await push(recovery(database, { from: 'nightly/20200101T000000Z-aaaa' }))
  await refused(database, ['copy-missing'], 'No set that can be used holds')
  const foreign = `${good.path.slice(0, -4)}aaaa`
  cpSync(good.path, foreign, { recursive: true })
  const record = join(foreign, 'backup-set.json')
  const text = readFileSync(record, 'utf8').replaceAll(good.id, `${good.id.slice(0, -4)}aaaa`)
  writeFileSync(record, text.replace('"contoso"', '"fabrikam"'))
  await push(recovery(database, { from: `${good.id.slice(0, -4)}aaaa` }))
  await refused(database, ['copy-missing'], 'No set that can be used holds')
  rmSync(foreign, { recursive: true })
}, 180_000)

test('a set that is not verified, while its verification is frozen', async () => {
  await push(recovery(database, { from: good.id }))
  const words = /Suspension wait freezes it until .*: Jim looks at the disks/
  await refused(database, ['set-not-verified', 'suspended'], 'is not verified at level content yet', words)
}, 180_000)

test('what a Suspension freezes', async () => {
  await push(freezing(['recovery-step'], [server]))
  await longUntil(async () => {
    const { json } = await lab.json<RestoreView>('restore', database, '--dry-run')
    return json.refused.every(({ gate }) => gate === 'suspended') || undefined
  })
  await refused(database, ['suspended'], `recovery-step of ${database}: Suspension wait freezes it until`)
}, 180_000)

test('a database in a mirroring session', async () => {
  // It is all that its instances hold: the servers are flagged.
  const [own, partner] = [mirrored, mirrored.replace('sql03', 'sql13')]
  for (const one of [own, partner]) await lab.break('database', `${one}\\archive/LcsLog`, 'lost')
  await refused(own, ['not-declared'], 'No Recovery in Git is for')
  await lab.do('create-databases', `${own}\\archive`)
  await lab.do('create-mirror', `${partner}\\archive`)
  await push(recovery(own))
  await refused(own, ['database-mirrored'], 'is in a mirroring session')
}, 180_000)

test('the database that lives, and does not open', async () => {
  // Seen by a daemon that did not look while it was whole for a moment.
  daemon.kill('SIGTERM')
  await once(daemon, 'exit')
  await lab.repair('database', database)
  await lab.break('database', database, 'suspect')
  await push({ ...recovery(database), 'wait.yaml': null })
  daemon = startCli('run', '--config', lab.config)
  await refused(database, ['database-older'], 'before the loss at', 'it may be the live one')
}, 180_000)

test('a file store of another path, of a server that is flagged', async () => {
  await lab.break('server', files)
  await refused(files, ['not-declared'], 'No Recovery in Git is for')
  const before = String.raw`\\fs01.contoso.com\LyncShare`
  await push({
    ...changed('berlin/file-stores.yaml', before, elsewhere),
    ...recovery(files, { scenario: 'file-store' }),
  })
  await refused(files, ['path-changed'], `as ${before}, and the topology now says ${elsewhere}: a restore goes`)
  await refused(elsewhere, ['not-flagged'], 'is not flagged')
}, 180_000)

test('a file store that the published topology alone has at another path', async () => {
  const before = String.raw`\\fs01.contoso.com\LyncShare`
  await push({
    ...changed('berlin/file-stores.yaml', elsewhere, before),
    ...recovery(files, { scenario: 'file-store' }),
  })
  const isMoved = async (): Promise<boolean> => (await gatesOf(files)).includes('path-changed')
  await longUntil(async () => ((await isMoved()) ? undefined : true))
  await lab.break('topology', 'pool01.contoso.com', 'file-store-elsewhere')
  const words = `The published topology gives pool01.contoso.com the file store ${elsewhere}, and Git says ${before}`
  await refused(files, ['path-changed'], words)
  await lab.repair('topology', 'pool01.contoso.com')
  await longUntil(async () => ((await isMoved()) ? undefined : true))
}, 180_000)

test('a database of another instance, of a server that is flagged', async () => {
  await lab.break('wipe', server)
  await refused(server, ['not-declared'], 'No Recovery in Git is for')
  const instance = String.raw`sql05.contoso.com\lync/LcsCDR`
  await push({
    ...changed('berlin/sql-stores.yaml', `host: ${server}\n`, `host: ${server}\n  instance: lync\n`),
    ...recovery(server),
  })
  await refused(server, ['instance-changed'], `as ${database}, and the topology now says ${instance}: a restore goes`)
  await refused(instance, ['not-flagged'], 'is not flagged')
}, 180_000)

test('an encrypted backup, onto a server that was made anew without its certificate; and with it, it comes back', async () => {
  await lab.do('create-databases', server)
  await push({
    ...changed('berlin/sql-stores.yaml', `host: ${server}\n  instance: lync\n`, `host: ${server}\n`),
    ...recovery(server, {}, ['take-image', 'update-databases']),
  })
  const words = `${database} is encrypted (TDE) in ${good.id}: the certificate 0x${certificate()}, with its private key, is not in master of ${server}`
  const only = ['database-encrypted']
  await longUntil(async () => isDeepStrictEqual(await gatesOf(server, database), only) || undefined)
  await longUntil(async () => isDeepStrictEqual(await lab.content(plain), held.plain) || undefined)
  await refused(server, only, words)
  await lab.do('create-certificate', server, certificate())
  await longUntil(async () => isDeepStrictEqual(await lab.content(database), held.encrypted) || undefined)
}, 180_000)
