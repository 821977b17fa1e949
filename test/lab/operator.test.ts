/** What an administrator does with his own hands: each act in its place, and in the wrong one. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { act, actsOf, change } from '../../src/lab/lab.ts'
import { sqlName, type LabHost, type World } from '../../src/lab/world.ts'
import { holdfast } from '../support/terminal.ts'
import { contosoLab, openPorts } from './support.ts'

type SqlFacts = World['sqlServers'][number]['facts']

let lab: Awaited<ReturnType<typeof contosoLab>>
beforeAll(async () => {
  lab = await contosoLab()
})
afterAll(() => lab[Symbol.asyncDispose]())

const does = (kind: string, subject: string, detail: string | null = null): Promise<void> =>
  act(lab.paths.directory, { kind, subject, detail }, lab.paths.directory)
/** What the tool says that refuses. */
const refusal = async (kind: string, subject: string, detail: string | null = null): Promise<string> => {
  const before = JSON.stringify(lab.world())
  const message = await does(kind, subject, detail).then(
    () => 'it was done',
    (thrown: unknown) => (thrown as Error).message,
  )
  expect(JSON.stringify(lab.world())).toBe(before)
  return message
}
const kill = (subject: string): Promise<void> =>
  change(lab.paths.directory, 'break', { kind: 'server', subject, detail: null })

function host(fqdn: string): LabHost {
  return lab.world().hosts.find((one) => one.fqdn === fqdn)!
}

function facts(name: string): SqlFacts {
  return lab
    .world()
    .sqlServers.map((server) => server.facts)
    .find((server) => sqlName(server) === name)!
}

const started = (fqdn: string): string[] =>
  host(fqdn)
    .services.filter(({ running }) => running)
    .map(({ name }) => name)

test('every act is listed with subjects and a sentence, in the order of a restore', async () => {
  const acts = actsOf(lab.paths.directory)
  expect(acts.map(({ kind }) => kind)).toEqual([
    ...['install-windows', 'join-domain', 'install-sql-server', 'restore-certificates', 'share-folder'],
    ...['copy-file-store', 'prepare-first-standard-edition', 'create-central-management-store', 'point-directory'],
    ...[
      'enable-topology',
      'download-topology',
      'publish-topology',
      'create-databases',
      'create-local-databases',
      'grant-sysadmin',
    ],
    ...[
      'create-mirror',
      'remove-mirror',
      'create-certificate',
      'fail-over-mirror',
      'publish-store-alone',
      'publish-store-mirrored',
    ],
    ...['fail-over-central-management', 'build-windows-cluster', 'create-availability-group'],
    ...['join-availability-group', 'leave-availability-group', 'install-local-configuration-store', 'setup-components'],
    ...['assign-certificates', 'apply-updates', 'start-services', 'stop-services', 'start-pool'],
    ...['replicate-configuration', 'import-configuration', 'import-locations', 'publish-locations'],
    ...['import-user-data', 're-point-edge', 'fail-over-pool', 'fail-back-pool', 'sync-conference-content'],
    ...['upload-content', 'import-response-groups', 'import-persistent-chat', 'update-user-data'],
    ...['clear-active-chat-servers', 'set-active-chat-servers'],
  ])
  for (const { kind, subjects, does: sentence } of acts) {
    // Contoso has neither a cluster nor a group.
    expect(subjects.length > 0, kind).toBe(!/windows-cluster|availability-group/.test(kind))
    expect(sentence).toMatch(/\.$|\)$/)
  }
  const listed = await holdfast(lab.paths.directory, 'lab', 'do', '--list', '--dir', '.', '--output', 'json')
  expect(listed.json()).toEqual({ acts })
})

test('what the lab does not know is told, and changes nothing', async () => {
  expect(await refusal('install-linux', 'fe01.contoso.com')).toContain('There is no act install-linux')
  expect(await refusal('install-windows', 'fe09.contoso.com')).toContain('knows no subject fe09.contoso.com')
  expect(await refusal('restore-certificates', 'fe01.contoso.com', 'forged')).toContain('knows no forged')
  expect(await refusal('copy-file-store', '\\\\fs01.contoso.com\\LyncShare')).toContain('needs a path')
})

test('a member server comes back by Windows, domain, certificates and the four steps, and not in another order', async () => {
  const fqdn = 'fe02.contoso.com'
  const before = host(fqdn)
  await kill(fqdn)
  expect(await refusal('join-domain', fqdn)).toContain('does not answer')

  await does('install-windows', fqdn)
  expect(host(fqdn)).toMatchObject({ powered: true, services: [], joined: false })
  // Only SMB answers: Windows alone.
  expect(await openPorts(lab.world(), fqdn)).toEqual([445])
  expect(lab.world().changes).toEqual([])

  expect(await refusal('install-local-configuration-store', fqdn)).toContain('in no domain')
  await does('join-domain', fqdn)
  expect(await refusal('setup-components', fqdn)).toContain('run step 1 first')
  expect(await refusal('apply-updates', fqdn)).toContain('No component of the product')
  expect(await refusal('start-services', fqdn)).toContain('No service of the product')

  await does('install-local-configuration-store', fqdn)
  expect(host(fqdn).services).toEqual([{ name: 'REPLICA', running: true }])
  expect(host(fqdn).replica).toMatchObject({ upToDate: true, productVersion: '6.0.9319.0', silentSince: null })
  expect(await refusal('assign-certificates', fqdn)).toContain('run step 2 first')

  await does('setup-components', fqdn)
  expect(
    host(fqdn)
      .services.map(({ name }) => name)
      .sort(),
  ).toEqual(before.services.map(({ name }) => name).sort())
  expect(started(fqdn)).toEqual(['REPLICA'])
  expect(await refusal('assign-certificates', fqdn)).toContain('No certificate with a private key')

  // Success is told, and what needs a certificate does not run.
  await does('start-services', fqdn)
  expect(started(fqdn)).not.toContain('RTCSRV')
  expect(await openPorts(lab.world(), fqdn)).toEqual([445])

  await does('restore-certificates', fqdn)
  await does('assign-certificates', fqdn)
  await does('apply-updates', fqdn)
  await does('start-services', fqdn)
  expect(host(fqdn)).toEqual(before)
  expect(await openPorts(lab.world(), fqdn)).toEqual([5061, 443, 4443, 445])
})

test('step 1 fails without a Central Management store that answers', async () => {
  const store = 'sql01.contoso.com\\rtc'
  const mirror = 'sql02.contoso.com\\rtc'
  await does('install-windows', 'med01.contoso.com')
  await does('join-domain', 'med01.contoso.com')
  for (const name of [store, mirror])
    await change(lab.paths.directory, 'break', { kind: 'database', subject: `${name}/xds`, detail: 'lost' })
  const message = 'Cannot connect to the Central Management store'
  expect(await refusal('install-local-configuration-store', 'med01.contoso.com')).toContain(message)
  expect(await refusal('enable-topology', 'contoso')).toContain(message)
  expect(await refusal('download-topology', 'contoso')).toContain(message)
  expect(await refusal('create-databases', 'sql05.contoso.com')).toContain(message)
  // An empty one knows no machine.
  await does('create-central-management-store', store)
  const empty = 'The Central Management store holds no topology'
  expect(await refusal('install-local-configuration-store', 'med01.contoso.com')).toContain(empty)
  expect(await refusal('publish-topology', 'contoso')).toContain(empty)
  for (const name of [store, mirror])
    await change(lab.paths.directory, 'repair', { kind: 'database', subject: `${name}/xds`, detail: null })
  await does('install-local-configuration-store', 'med01.contoso.com')
})

test('an Edge Server takes its configuration from a file, and needs no domain', async () => {
  const fqdn = 'edge01.contoso.com'
  await does('install-windows', fqdn)
  expect(await refusal('install-local-configuration-store', fqdn)).toContain('import the configuration from a file')
  expect(await refusal('install-local-configuration-store', fqdn, 'missing.zip')).toContain('Could not find file')
  writeFileSync(join(lab.paths.directory, 'edge.zip'), 'PK')
  await does('install-local-configuration-store', fqdn, 'edge.zip')
  for (const kind of ['setup-components', 'restore-certificates', 'assign-certificates', 'start-services'])
    await does(kind, fqdn)
  expect(started(fqdn)).toContain('RTCSRV')
})

test('a Standard Edition server: step 2 brings SQL Server Express and its databases, empty', async () => {
  const [fqdn, instance, share] = ['se01.contoso.com', 'se01.contoso.com\\rtc', '\\\\se01.contoso.com\\LyncShare']
  const names = facts(instance)
    .databases.map(({ name }) => name)
    .sort()
  await kill(fqdn)
  expect(await refusal('share-folder', share)).toContain('does not answer')
  await does('install-windows', fqdn)
  await does('join-domain', fqdn)
  expect(facts(instance)).toMatchObject({ running: false, databases: [] })
  expect(await refusal('copy-file-store', share, '.')).toContain('The network name cannot be found')

  await does('share-folder', share)
  expect(await refusal('share-folder', share)).toContain('shared already')
  const folder = join(lab.paths.directory, 'copy')
  mkdirSync(join(folder, '2-WebServices-1'), { recursive: true })
  writeFileSync(join(folder, '2-WebServices-1', 'slides.enc'), 'slides')
  await does('copy-file-store', share, 'copy')
  expect(existsSync(join(lab.paths.shares, fqdn, 'LyncShare', '2-WebServices-1', 'slides.enc'))).toBe(true)
  const access = (): unknown => lab.world().shares.find(({ unc }) => unc === share)?.closed
  expect(access()).toBe(true)
  await does('enable-topology', 'contoso')
  expect(access()).toBeUndefined()

  await does('install-local-configuration-store', fqdn)
  expect(await refusal('create-local-databases', fqdn)).toContain('Cannot connect to SQL Server instance')
  await does('setup-components', fqdn)
  expect(facts(instance).running).toBe(true)
  expect(
    facts(instance)
      .databases.map(({ name }) => name)
      .sort(),
  ).toEqual(names)
  for (const { tables } of facts(instance).databases)
    expect(Object.values(tables).every((rows) => rows === 0)).toBe(true)
  for (const kind of ['restore-certificates', 'assign-certificates', 'apply-updates', 'start-services'])
    await does(kind, fqdn)
  expect(started(fqdn)).toContain('RTCSRV')
  expect(await openPorts(lab.world(), fqdn)).toContain(instance)
})

describe('SQL Server', () => {
  test('comes back under its name, and gets the databases of the topology, empty', async () => {
    const name = 'sql05.contoso.com'
    await kill(name)
    await does('install-windows', name)
    expect(await refusal('install-sql-server', name)).toContain('in no domain')
    await does('join-domain', name)
    expect(await refusal('create-databases', name)).toContain('Cannot connect to SQL Server instance')
    await does('install-sql-server', name)
    expect(await refusal('install-sql-server', name)).toContain('installed already')
    expect(facts(name).databases).toEqual([])
    await does('create-databases', name)
    expect(facts(name).databases.map((one) => [one.name, one.state])).toEqual([
      ['LcsCDR', 'ONLINE'],
      ['QoEMetrics', 'ONLINE'],
    ])
    const [calls, quality] = facts(name).databases.map((one) => Object.values(one.tables))
    expect(quality).toEqual([0, 0])
    // Front Ends that live write their calls at once: a few, not the thousands that were lost.
    expect(calls![0]).toBeGreaterThan(0)
    expect(calls![0]).toBeLessThan(20)
    // What exists is left alone.
    const guids = facts(name).databases.map(({ guid }) => guid)
    await does('create-databases', name)
    expect(facts(name).databases.map(({ guid }) => guid)).toEqual(guids)
  })

  test('a mirror is made of the surviving partner, and taken away again', async () => {
    const [survivor, lost] = ['sql03.contoso.com\\archive', 'sql13.contoso.com\\archive']
    await does('install-windows', 'sql13.contoso.com')
    expect(await refusal('create-mirror', lost)).toContain('Cannot connect to SQL Server instance')
    await does('join-domain', 'sql13.contoso.com')
    await does('install-sql-server', lost)
    await does('remove-mirror', survivor)
    expect(facts(survivor).databases[0]).toMatchObject({ name: 'LcsLog', state: 'ONLINE', mirroring: null })
    await does('create-mirror', lost, 'sql05.contoso.com')
    const [principal, copy] = [facts(survivor).databases[0]!, facts(lost).databases[0]!]
    const session = { state: 'SYNCHRONIZED', witness: 'sql05.contoso.com', safety: 'FULL' }
    expect(principal.mirroring).toEqual({ ...session, role: 'PRINCIPAL', partnerInstance: lost })
    expect(copy).toMatchObject({ state: 'RESTORING', guid: principal.guid, tables: principal.tables })
    expect(copy.mirroring).toEqual({ ...session, role: 'MIRROR', partnerInstance: survivor })
    expect(await refusal('create-mirror', lost)).toContain('exists there already')
  })

  test('-Clean deletes a Central Management store that is in use', async () => {
    const store = 'sql01.contoso.com\\rtc'
    const rows = (): number => facts(store).databases.find(({ name }) => name === 'xds')!.tables.Document!
    // A mirrored one has to be unmirrored first.
    expect(await refusal('create-central-management-store', store, 'clean')).toContain('Cannot drop the database')
    await does('remove-mirror', store)
    await does('create-central-management-store', store)
    expect(rows()).toBeGreaterThan(0)
    await does('create-central-management-store', store, 'clean')
    expect(rows()).toBe(0)
    expect(await refusal('enable-topology', 'contoso')).toContain('holds no topology')
  })
})
