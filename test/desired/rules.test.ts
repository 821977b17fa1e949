import { describe, expect, test } from 'vitest'
import { load, type Fault } from '../../src/desired/load.ts'
import { smallDeployment } from '../support/desired-files.ts'

/** A resource as one document; `spec` is written in YAML's flow style, one field a line where a fault is expected. */
function resource(kind: string, name: string, spec: string): string {
  return `---\napiVersion: holdfast/v1\nkind: ${kind}\nmetadata:\n  name: ${name}\nspec:\n${spec.replaceAll(/^/gm, '  ')}\n`
}

function faults(text: string): Fault[] {
  const loaded = load('r', [{ path: 'all.yaml', text }])
  return [...(loaded.ok ? [] : loaded.errors), ...loaded.warnings]
}

/** Code of each fault, and whether it stands on a line that ends in `#!`. */
function judged(text: string): string[] {
  const lines = text.split('\n')
  return faults(text).map(
    ({ code, line }) => `${code} ${lines[line - 1]?.endsWith('#!') === true ? 'here' : `line ${line}`}`,
  )
}

const pool = (name: string, spec: string): string => resource('Pool', name, `site: Berlin\n${spec}`)
const sql = (name: string, spec: string): string => resource('SqlStore', name, spec)
const frontEnd = (name: string, more: string): string =>
  pool(`${name}.contoso.com`, `type: front-end\nservers: [${name}a.contoso.com]\n${more}`)
const policy = (spec: string): string => resource('BackupPolicy', 'other', `location: backup01\n${spec}`)
const restoreTest = (spec: string): string =>
  policy(`schedule: { cron: 0 1 * * * }\nverification:\n  restoreTest:\n${spec.replaceAll(/^/gm, '    ')}`)
const schedule = (spec: string): string => policy(`schedule:\n${spec.replaceAll(/^/gm, '  ')}`)
const location = (spec: string): string => resource('BackupLocation', 'other', spec)

const recovery = (name: string, spec: string): string =>
  resource('Recovery', name, `server: se01.contoso.com\nscenario: standard-edition\n${spec}`)
test('an open recovery beside a finished one, with words of steps and a fork, is in order', () => {
  const said = `acknowledge:\n  - { step: take-image, subject: se01.contoso.com, ${word}, note: on the tape }`
  const chosen = `choose:\n  - { step: find-principal, branch: mirror-lost, ${word} }`
  const files = smallDeployment + recovery('old', `finished: { ${word} }`) + recovery('new', `${said}\n${chosen}`)
  expect(faults(files)).toEqual([])
})

const user = (name: string, spec: string): string => resource('Recovery', name, `user: jane@contoso.com\n${spec}`)
const ofUser = 'pool: se01.contoso.com\nfrom: nightly/20260729T020000Z-k3x7\n'

test('a recovery of a user needs user, pool and from alone', () => {
  expect(faults(smallDeployment + user('r', ofUser))).toEqual([])
})

test.each<[string, string, string]>([
  ['without a pool', 'from: nightly/20260729T020000Z-k3x7\n', 'pool is missing'],
  ['from the newest set', 'pool: se01.contoso.com\n', 'from is not the id of a set'],
  ['with a scenario', `${ofUser}scenario: standard-edition\n`, 'scenario belongs to the recovery of a server'],
  ['that is to be run', `${ofUser}run: guide\n`, 'run belongs to the recovery of a server'],
  ['with a server', `${ofUser}server: se01.contoso.com\n`, 'names a server and a user'],
])('a recovery of a user %s is refused', (_, spec, message) => {
  const [found, ...others] = faults(smallDeployment + user('r', spec))
  expect(others).toEqual([])
  expect(found).toMatchObject({ code: 'recovery-of-one', message: expect.stringContaining(message) as string })
})

test.each<[string, string, string]>([
  ['of nobody', resource('Recovery', 'r', 'from: latest\n'), 'names no server and no user'],
  ['of a server without its scenario', resource('Recovery', 'r', 'server: se01.contoso.com\n'), 'scenario is missing'],
  ['of a server with a pool', recovery('r', 'pool: se01.contoso.com\n'), 'pool belongs to the recovery of a user'],
])('a recovery %s is refused', (_, text, message) => {
  const [found, ...others] = faults(smallDeployment + text)
  expect(others).toEqual([])
  expect(found).toMatchObject({ code: 'recovery-of-one', message: expect.stringContaining(message) as string })
})

test('one recovery for a user, in a pool that there is, by an address', () => {
  expect(
    judged(smallDeployment + user('r', ofUser) + user('r2', ofUser).replace('user: jane', 'user: sip:JANE')),
  ).toEqual([expect.stringContaining('recovery-duplicate')])
  const elsewhere = ofUser.replace('se01', 'se09')
  expect(judged(smallDeployment + user('r', elsewhere))).toEqual([expect.stringContaining('reference-dangling')])
  const nobody = resource('Recovery', 'r', `user: jane\n${ofUser}`)
  expect(judged(smallDeployment + nobody)).toEqual([expect.stringContaining('invalid-value')])
})

test('the small deployment is in order', () => {
  expect(faults(smallDeployment)).toEqual([])
})

const word = 'by: Jane, at: 2026-07-29T18:30:00+02:00'

test.each<[string, string, string]>([
  [
    'two recoveries for one server',
    recovery('r', '') + resource('Recovery', 'r2', 'server: SE01.contoso.com #!\nscenario: standard-edition'),
    'recovery-duplicate',
  ],
  [
    'a step that no procedure has',
    recovery('r', `acknowledge:\n  - { step: take-imag, ${word} } #!`),
    'recovery-step-unknown',
  ],
  [
    'a fork that is acknowledged',
    recovery('r', `acknowledge:\n  - { step: find-principal, ${word} } #!`),
    'recovery-step-unknown',
  ],
  [
    'a choice where there is no fork',
    recovery('r', `choose:\n  - { step: take-image, branch: from-set, ${word} } #!`),
    'recovery-step-unknown',
  ],
  [
    'a way that a fork does not have',
    recovery('r', `choose:\n  - { step: find-principal, branch: principal-gone, ${word} } #!`),
    'recovery-step-unknown',
  ],
  [
    'a second Deployment',
    resource('Deployment #!', 'two', 'product: lync-server-2013\ndomain: x.com\nsipDomains: [x.com]'),
    'deployment-duplicate',
  ],
  ['a name twice, in another case', sql('SE01-RTC #!', 'host: sql09.contoso.com'), 'duplicate-name'],
  ['one instance under two names', sql('again', 'host: SE01.contoso.com #!\ninstance: RTC'), 'duplicate-store'],
  [
    'one share under two names',
    resource('FileStore', 'again', "path: '\\\\SE01.contoso.com\\lyncshare' #!"),
    'duplicate-store',
  ],
  [
    'a store that is not there',
    pool('dir.contoso.com', 'type: director\nservers: [d.contoso.com]\nmonitoring: sql99 #!'),
    'reference-dangling',
  ],
  [
    'a file store that is not there',
    pool('dir.contoso.com', 'type: director\nservers: [d.contoso.com]\nfileStore: se01-rtc #!'),
    'reference-dangling',
  ],
  [
    'a location that is not there',
    resource('BackupPolicy', 'p', 'location: backup1 #!\nschedule: { cron: 0 1 * * * }'),
    'reference-dangling',
  ],
  [
    'an included pool that is not there',
    policy('schedule: { cron: 0 1 * * * }\ninclude:\n  pools:\n    - pool99.contoso.com #!'),
    'reference-dangling',
  ],
  [
    'an included store that is not there',
    policy('schedule: { cron: 0 1 * * * }\ninclude:\n  stores:\n    - se01-rtc\n    - se01-sahre #!'),
    'reference-dangling',
  ],
  [
    'a SQL store for restore tests that is not there',
    policy(
      "schedule: { cron: 0 1 * * * }\nverification:\n  restoreTest:\n    folder: 'D:\\Test'\n    sqlStore: test #!",
    ),
    'reference-dangling',
  ],
  [
    'a restore test on the instance of a pool',
    restoreTest("sqlStore: SE01-rtc #!\nfolder: 'D:\\Test'"),
    'scratch-in-use',
  ],
  [
    'a restore test on the partner of a mirror',
    frontEnd('fe', 'userStore: rtc') +
      sql('rtc', 'host: sql01.contoso.com\nhighAvailability: { mirror: { partner: sql02.contoso.com } }') +
      sql('test', 'host: sql02.contoso.com') +
      restoreTest("sqlStore: test #!\nfolder: 'D:\\Test'"),
    'scratch-in-use',
  ],
  [
    'a restore test inside a file store',
    restoreTest("files: '\\\\SE01.contoso.com\\LyncShare\\scratch' #!"),
    'scratch-in-use',
  ],
  [
    'a restore test inside a location',
    restoreTest("files: '\\\\backup01.contoso.com\\LyncBackup\\nightly\\scratch' #!"),
    'scratch-in-use',
  ],
  [
    'a restore test above a location',
    resource('BackupLocation', 'deep', "host: backup02.contoso.com\nshare: '\\\\backup02.contoso.com\\all\\sets'") +
      restoreTest("files: '\\\\backup02.contoso.com\\all' #!"),
    'scratch-in-use',
  ],
  [
    'a server in two pools',
    pool('dir.contoso.com', 'type: director\nservers:\n  - d.contoso.com\n  - SE01.contoso.com #!'),
    'server-in-two-pools',
  ],
  [
    'a Standard Edition pool of two',
    pool('se02.contoso.com', 'type: standard-edition\nservers: [se02.contoso.com, se03.contoso.com] #!'),
    'standard-edition-servers',
  ],
  [
    'a Standard Edition pool of another name',
    pool('se02.contoso.com', 'type: standard-edition\nservers: [se03.contoso.com] #!'),
    'standard-edition-servers',
  ],
  ['a pool of nobody', pool('dir.contoso.com', 'type: director\nservers: [] #!'), 'pool-without-servers'],
  [
    'a Persistent Chat pool on 2019',
    pool(
      'chat.contoso.com',
      'type: persistent-chat #!\nproduct: skype-for-business-2019\nservers: [c.contoso.com]\npersistentChat: se01-rtc',
    ),
    'persistent-chat-unsupported',
  ],
  [
    'a Persistent Chat store on Subscription Edition',
    pool(
      'med.contoso.com',
      'type: mediation\nproduct: skype-for-business-se\nservers: [m.contoso.com]\npersistentChat: se01-rtc #!',
    ),
    'persistent-chat-unsupported',
  ],
  [
    'a SQL Server too new for Lync Server 2013',
    `${frontEnd('p1', 'userStore: s')}${sql('s', "host: sql09.contoso.com\nversion: '2014' #!")}`,
    'sql-version-unsupported',
  ],
  [
    'a SQL Server too old for 2019',
    `${frontEnd('p1', 'product: skype-for-business-2019\nuserStore: s')}${sql('s', 'host: sql09.contoso.com\nversion: 2014 #!')}`,
    'sql-version-unsupported',
  ],
  [
    'a SQL Server that nobody confirmed',
    `${frontEnd('p1', 'product: skype-for-business-se\nuserStore: s')}${sql('s', 'host: sql09.contoso.com\nversion: 2022 #!')}`,
    'sql-version-unconfirmed',
  ],
  [
    'a mirror on 2019',
    `${frontEnd('p1', 'product: skype-for-business-2019\nuserStore: s')}${sql('s', 'host: sql09.contoso.com\nhighAvailability: { mirror: { partner: sql10.contoso.com } } #!')}`,
    'high-availability-unsupported',
  ],
  [
    'an availability group on Lync Server 2013',
    `${frontEnd('p1', 'userStore: s')}${sql('s', 'host: sql09.contoso.com\nhighAvailability: { availability-group: { listener: l.contoso.com } } #!')}`,
    'high-availability-unsupported',
  ],
  [
    'Persistent Chat in an availability group',
    `${pool('chat.contoso.com', 'type: persistent-chat\nproduct: skype-for-business-2015\nservers: [c.contoso.com]\npersistentChat: s')}${sql('s', 'host: sql09.contoso.com\nhighAvailability: { availability-group: { listener: l.contoso.com } } #!')}`,
    'high-availability-unsupported',
  ],
  [
    'a Front End pool without its store',
    resource('Pool', 'p1.contoso.com', '{ site: Berlin, type: front-end, servers: [p1a.contoso.com] } #!'),
    'pool-without-store',
  ],
  [
    'one Back End for two pools',
    `${frontEnd('p1', 'userStore: s')}${sql('s', 'host: sql09.contoso.com')}${frontEnd('p2', 'userStore: s #!')}`,
    'back-end-shared',
  ],
  [
    'a partner that names nobody',
    frontEnd('p1', 'userStore: se01-rtc\npairedWith: se01.contoso.com #!'),
    'pairing-not-mutual',
  ],
  [
    'a pool paired with itself',
    frontEnd('p1', 'userStore: se01-rtc\npairedWith: P1.contoso.com #!'),
    'pairing-not-mutual',
  ],
  [
    'a backup host that is a server',
    location("host: se01.contoso.com #!\nshare: '\\\\se01.contoso.com\\b'"),
    'backup-host-in-use',
  ],
  [
    'a backup host that is the pool',
    `${frontEnd('p1', 'userStore: se01-rtc')}${location("host: P1.contoso.com #!\nshare: '\\\\p1.contoso.com\\b'")}`,
    'backup-host-in-use',
  ],
  [
    'a backup host that is a mirror partner',
    `${sql('s', 'host: sql09.contoso.com\nhighAvailability: { mirror: { partner: backup02.contoso.com\\rtc } }')}${location("host: backup02.contoso.com #!\nshare: '\\\\backup02.contoso.com\\b'")}`,
    'backup-host-in-use',
  ],
  [
    'a backup host that is a node of a cluster',
    `${sql('s', 'host: sql09.contoso.com\nhighAvailability: { failover-cluster: { nodes: [backup02.contoso.com] } }')}${location("host: backup02.contoso.com #!\nshare: '\\\\backup02.contoso.com\\b'")}`,
    'backup-host-in-use',
  ],
  [
    'a backup host that is a file server',
    `${resource('FileStore', 'f', "path: '\\\\fs01.contoso.com\\x'")}${location("host: fs01.contoso.com #!\nshare: '\\\\fs01.contoso.com\\b'")}`,
    'backup-host-in-use',
  ],
  [
    'a share on another host',
    location("host: backup02.contoso.com\nshare: '\\\\backup03.contoso.com\\b' #!"),
    'share-not-on-host',
  ],
  [
    'a retention that keeps nothing',
    policy('schedule: { cron: 0 1 * * * }\nretention: { enforce: true, minimumVerified: 2 } #!'),
    'retention-keeps-nothing',
  ],
  ['a cron of four fields', schedule('cron: 0 1 * * #!'), 'schedule-invalid'],
  ['a cron of six fields', schedule('cron: 0 0 1 * * * #!'), 'schedule-invalid'],
  ['a cron out of range', schedule('cron: 0 25 * * * #!'), 'schedule-invalid'],
  ['a day that never comes', schedule('cron: 0 1 30 2 * #!'), 'schedule-never-fires'],
  ['a Windows time zone', schedule('cron: 0 1 * * *\ntimeZone: W. Europe Standard Time #!'), 'time-zone-unknown'],
  ['an offset as time zone', schedule("cron: 0 1 * * *\ntimeZone: '+01:00' #!"), 'time-zone-unknown'],
  ['an empty window', schedule('cron: 0 1 * * *\nwindow: 0s #!'), 'schedule-window'],
  ['a delay as long as the window', schedule('cron: 0 1 * * *\nwindow: 10m\njitter: 10m #!'), 'schedule-window'],
  ['a delay that reaches the next slot', schedule('cron: 0,30 * * * *\njitter: 30m #!'), 'schedule-window'],
  [
    'a Recovery of a stranger',
    resource('Recovery', 'r', 'scenario: pool\nserver: fe99.contoso.com #!'),
    'reference-dangling',
  ],
])('%s', (_name, more, code) => {
  expect(judged(smallDeployment + more).filter((text) => !text.startsWith('not-yet-acted-on'))).toEqual([
    `${code} here`,
  ])
})

test('a bad time zone does not hide a bad cron', () => {
  const both = schedule('cron: 0 25 * * *\ntimeZone: W. Europe Standard Time')
  const codes = judged(smallDeployment + both).map((text) => text.split(' ')[0])
  expect(codes.sort()).toEqual(['schedule-invalid', 'time-zone-unknown'])
})

test('paired pools: mutual and alike is right; mixed editions, other types and unequal protection are told in both', () => {
  const pair = (one: string, two: string, more = ''): string[] =>
    judged(smallDeployment + one + two + more).map((text) => text.split(' ')[0] ?? '')
  const stores = `${sql('s1', 'host: sql09.contoso.com')}${sql('s2', 'host: sql10.contoso.com\nhighAvailability: { mirror: { partner: sql11.contoso.com } }')}`

  expect(
    pair(
      frontEnd('p1', 'userStore: se01-rtc\npairedWith: p2.contoso.com'),
      frontEnd('p2', 'userStore: s1\npairedWith: P1.contoso.com'),
      stores,
    ),
  ).toEqual([])
  expect(
    pair(
      frontEnd('p1', 'userStore: s1\npairedWith: p2.contoso.com'),
      frontEnd('p2', 'userStore: s2\npairedWith: p1.contoso.com'),
      stores,
    ),
  ).toEqual(['pairing-unequal', 'pairing-unequal'])
  expect(
    pair(
      frontEnd('p1', 'userStore: s1\npairedWith: se02.contoso.com'),
      pool('se02.contoso.com', 'type: standard-edition\npairedWith: p1.contoso.com'),
      stores,
    ),
  ).toEqual(['pairing-mixed', 'pairing-mixed'])
  const director = (name: string, other: string): string =>
    pool(`${name}.contoso.com`, `type: director\nservers: [${name}a.contoso.com]\npairedWith: ${other}.contoso.com`)
  expect(pair(director('d1', 'd2'), director('d2', 'd1'))).toEqual(['pairing-mixed', 'pairing-mixed'])
})

test('the Central Management store may be named by store, instance or pool', () => {
  const named = (text: string): string[] =>
    judged(smallDeployment.replace('centralManagementStore: se01-rtc', `centralManagementStore: ${text} #!`))
  for (const text of ['SE01-rtc', 'se01.contoso.com\\RTC', 'SE01.contoso.com']) expect(named(text)).toEqual([])
  expect(named('sql77')).toEqual(['reference-dangling here'])
  expect(faults(smallDeployment.replace('  centralManagementStore: se01-rtc\n', ''))).toMatchObject([
    {
      code: 'central-management-store-missing',
      message: expect.stringContaining('Central Management store is not in') as string,
    },
  ])
})

test('what is kept elsewhere is asked for, each by name', () => {
  expect(faults(smallDeployment.replace(/ {4}- \{ what: (gateways|media).*\n/g, ''))).toMatchObject([
    { code: 'kept-elsewhere-missing', message: 'keptElsewhere does not say who backs up: gateways, media.' },
  ])
})

test('a resource with a fault of its own is not missed by those that refer to it', () => {
  const text = smallDeployment.replace('host: backup01.contoso.com', 'host: backup01')
  expect(faults(text).map(({ code }) => code)).toEqual(['invalid-value'])
})

test('SQL Server of a Standard Edition server is what setup brought: its version is not judged', () => {
  expect(faults(smallDeployment.replace('instance: rtc', 'instance: rtc, version: 2016'))).toEqual([])
})

test('an unsupported pool may have no servers, and its stores are not judged', () => {
  const old = pool('pool2010.contoso.com', 'type: unsupported\nuserStore: s')
  expect(faults(`${smallDeployment}${old}${sql('s', 'host: sql09.contoso.com\nversion: 2022')}`)).toEqual([])
})

describe('what no policy backs up', () => {
  const included = (include: string): string =>
    smallDeployment.replace('spec: { location: backup01,', `spec: { location: backup01, ${include}`)

  test('is told once for each kind, at the include that leaves it out', () => {
    const text = included('include: { kinds: [configuration, location-information] },')
    expect(faults(text)).toMatchObject([
      { code: 'not-backed-up', line: 40, column: 38, message: 'No policy backs up user-data of se01.contoso.com.' },
      { code: 'not-backed-up', message: String.raw`No policy backs up file-store of \\se01.contoso.com\LyncShare.` },
    ])
  })

  test('is told where the policy chooses that takes the most', () => {
    const first = policy('include: { kinds: [file-store] }\nschedule: { cron: 0 2 * * * }')
    const last = included('include: { kinds: [configuration, location-information] },').slice(
      smallDeployment.lastIndexOf('---'),
    )
    const text = `${smallDeployment.slice(0, smallDeployment.lastIndexOf('---'))}${first}${last}`
    expect(faults(text)).toMatchObject([{ code: 'not-backed-up', line: text.split('\n').length - 1 }])
  })

  test('is nothing when another policy takes it, or Persistent Chat goes the other way', () => {
    const rest = smallDeployment
      .slice(smallDeployment.lastIndexOf('---'))
      .replace('name: nightly', 'name: rest')
      .replace('spec: {', 'spec: { persistentChat: cmdlet,')
    const chat = `${sql('chat', 'host: sql09.contoso.com')}${pool('pc.contoso.com', 'type: persistent-chat\nservers: [pc1.contoso.com]\npersistentChat: chat')}`
    expect(faults(`${included('include: { kinds: [configuration] },')}${rest}${chat}`)).toEqual([])
  })

  test('is everything where there is no policy, in one warning', () => {
    expect(faults(smallDeployment.slice(0, smallDeployment.lastIndexOf('---')))).toMatchObject([
      { code: 'not-backed-up', message: 'There is no BackupPolicy: nothing is backed up.' },
    ])
  })

  test('is cut to the first names of many', () => {
    const more = [2, 3, 4, 5, 6, 7].map((n) => pool(`se0${n}.contoso.com`, 'type: standard-edition')).join('')
    const left = included(
      'include: { pools: [se01.contoso.com], kinds: [configuration, location-information, file-store] },',
    )
    expect(faults(`${left}${more}`).map(({ message }) => message)).toEqual([
      'No policy backs up user-data of se02.contoso.com, se03.contoso.com, se04.contoso.com, se05.contoso.com, se06.contoso.com and 1 more.',
    ])
  })
})

test.each([
  ['half a place', 'sqlStore: test'],
  ['no place', 'everyDays: 30'],
  [
    'proofs that expire before the next test',
    "files: '\\\\scratch01.contoso.com\\Restore'\neveryDays: 30\nvalidDays: 7",
  ],
])('a restore test with %s is refused', (_, spec) => {
  const files = smallDeployment + sql('test', 'host: sqltest.contoso.com') + restoreTest(spec)
  expect(faults(files).map(({ code }) => code)).toEqual(['invalid-value'])
})
