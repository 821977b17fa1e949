/** One cause, one block: whatever could only repeat it is skipped, and names it. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Config } from '../../src/config/config.ts'
import { readConfig } from '../../src/config/config.ts'
import { causesOf } from '../../src/doctor/causes.ts'
import type { CheckResult } from '../../src/doctor/check.ts'
import { openWard, type Ward } from './lab.ts'

let ward: Ward
beforeAll(async () => {
  ward = await openWard()
})
afterAll(() => ward[Symbol.asyncDispose]())

/** Name, subjects and code of each cause, and the names of what it kept from being tried. */
function causes(results: readonly CheckResult[]): { at: string[]; code: string | undefined; skipped: string[] }[] {
  return causesOf(results).map(({ name, subjects, message, skipped }) => ({
    at: subjects.map((subject) => `${name} ${subject}`),
    code: /\[([a-z-]+)\]$/.exec(message)?.[1],
    skipped: [...new Set(skipped.map((one) => one.name))],
  }))
}

/** Nothing is skipped without a cause. */
function expectAllExplained(results: readonly CheckResult[]): void {
  const skipped = results.filter(({ outcome }) => outcome === 'skipped')
  expect(causesOf(results).flatMap((cause) => cause.skipped)).toHaveLength(skipped.length)
}

const instances = [
  'se01.contoso.com\\rtc',
  'sqltest.contoso.com',
  'sql05.contoso.com',
  'sql03.contoso.com\\archive',
  'sql13.contoso.com\\archive',
]
const machines = ['se01', 'sqltest', 'sql05', 'sql03', 'sql13', 'backup01'].map((name) => `${name}.contoso.com`)
const names = [
  ...['se01', 'sql03', 'sql05', 'sql13', 'sqltest', 'sip', 'lyncdiscoverinternal', '_sipinternaltls._tcp', 'backup01'],
].map((name) => `${name}.contoso.com`)
const belowMachine = ['certificate', 'smb', 'sql-login', 'sql-clock', 'sql-rights', 'sql-database']

/** The lab gives the address of every machine; here they are looked for by name, as in life. */
async function byName(): Promise<Config['hosts']> {
  const { hosts } = await readConfig(ward.lab.config)
  return Object.fromEntries(Object.entries(hosts).map(([name, host]) => [name, { ...host, address: null }]))
}

test('no name server answers', async () => {
  const results = await ward.examine({ config: { dns: { servers: ['127.0.0.1:9'] }, hosts: await byName() } })
  expect(causes(results)).toEqual([
    {
      at: ['dns 127.0.0.1:9'],
      code: 'dns-failed',
      skipped: ['name', 'machine', ...belowMachine, 'sql-backup', 'restore-test'],
    },
  ])
  expectAllExplained(results)
})

test('no name server answers, and the addresses stand in holdfast.yaml: everything else is tried', async () => {
  const results = await ward.examine({ config: { dns: { servers: ['127.0.0.1:9'] } } })
  expect(causes(results)).toEqual([{ at: ['dns 127.0.0.1:9'], code: 'dns-failed', skipped: ['name'] }])
})

test('a name server that knows none of the names', async () => {
  for (const name of names) await ward.break('dns', name, 'missing')
  const results = await ward.examine({ config: { hosts: await byName() } })
  for (const name of names) await ward.repair('dns', name)
  const [cause, ...more] = causes(results)
  expect(more).toEqual([])
  expect(new Set(cause?.at)).toEqual(new Set(names.map((name) => `name ${name}`)))
  expect(cause?.code).toBe('name-unresolved')
  expect(cause?.skipped).toEqual(['machine', ...belowMachine, 'sql-backup', 'restore-test'])
  expectAllExplained(results)
})

test('no route to any machine', async () => {
  await ward.break('network', 'contoso', 'unreachable-from-here')
  const results = await ward.examine()
  await ward.repair('network', 'contoso')
  const [cause, ...more] = causes(results)
  expect(more).toEqual([])
  expect(new Set(cause?.at)).toEqual(new Set(machines.map((machine) => `machine ${machine}`)))
  expect(cause?.code).toBe('host-unreachable')
  expect(cause?.skipped).toEqual([
    ...belowMachine,
    ...['share', 'share-owner', 'share-space', 'share-write', 'share-long-path', 'share-clock'],
    ...['sql-backup', 'restore-test', 'file-store'],
  ])
  expectAllExplained(results)
})

test('a machine that is off: one block, not one for each of its ports and shares', async () => {
  await ward.break('server', 'se01.contoso.com', 'killed')
  const results = await ward.examine()
  await ward.repair('server', 'se01.contoso.com')
  expect(causes(results)).toEqual([
    {
      at: ['machine se01.contoso.com'],
      code: 'host-unreachable',
      skipped: ['certificate', 'smb', 'sql-login', 'sql-clock', 'sql-rights', 'central-management', 'file-store'],
    },
  ])
})

test('the machine of the backups is off', async () => {
  await ward.break('server', 'backup01.contoso.com', 'killed')
  const results = await ward.examine()
  await ward.repair('server', 'backup01.contoso.com')
  expect(causes(results)).toEqual([
    {
      at: ['machine backup01.contoso.com'],
      code: 'host-unreachable',
      skipped: [
        ...['smb', 'share', 'share-owner', 'share-space', 'share-write', 'share-long-path', 'share-clock'],
        ...['sql-backup', 'restore-test'],
      ],
    },
  ])
})

test('the same login is refused everywhere: one block that lists the instances', async () => {
  for (const instance of instances) await ward.break('sql', instance, 'login-refused')
  const results = await ward.examine()
  for (const instance of instances) await ward.repair('sql', instance)
  const [cause, ...more] = causes(results)
  expect(more).toEqual([])
  expect(new Set(cause?.at)).toEqual(new Set(instances.map((instance) => `sql-login ${instance}`)))
  expect(cause?.code).toBe('sql-login-failed')
  expect(cause?.skipped).toEqual(['sql-clock', 'sql-rights', 'sql-database', 'sql-backup', 'restore-test'])
})

test('the shell host does not start', async () => {
  const { scratch } = ward.lab.paths
  const results = await ward.examine({
    config: { shell: { transport: 'local', command: ['/nowhere/pwsh'], scratch, deadlineSeconds: 7200 } },
  })
  expect(causes(results)).toEqual([
    {
      at: ['shell /nowhere/pwsh'],
      code: 'shell-unreachable',
      skipped: ['shell-scratch', 'cmdlet', 'central-management'],
    },
  ])
})

const nowhere: Config['git'] = {
  url: '/nowhere/lync-backup.git',
  branch: 'main',
  path: 'desired-state',
  intervalSeconds: 60,
  login: null,
  ca: null,
  ssh: null,
}

test('Git cannot be reached, and nothing was applied before', async () => {
  const results = await ward.examine({ config: { git: nowhere } })
  expect(causes(results)).toEqual([
    {
      at: ['repository /nowhere/lync-backup.git'],
      code: 'source-not-found',
      skipped: ['desired-state', 'deployment'],
    },
  ])
})

test('Git is missing: the repository that it would fetch from is not a second cause', async () => {
  const machine = { node: process.versions.node, git: () => Promise.reject(new Error('spawn git ENOENT')) }
  const results = await ward.examine({ machine, config: { git: nowhere } })
  expect(causes(results)).toEqual([
    { at: ['git git'], code: 'software-unsuitable', skipped: ['repository', 'desired-state', 'deployment'] },
  ])
  expectAllExplained(results)
})
