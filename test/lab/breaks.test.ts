import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import mssql from 'mssql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { breaksOf, change, startLab } from '../../src/lab/lab.ts'
import { readWorld, sqlName, type World } from '../../src/lab/world.ts'
import { holdfast } from '../support/terminal.ts'
import { contosoLab, openPorts, sample, temporaryFolder } from './support.ts'

type SqlFacts = World['sqlServers'][number]['facts']

let lab: Awaited<ReturnType<typeof contosoLab>>
beforeAll(async () => {
  lab = await contosoLab()
})
afterAll(() => lab[Symbol.asyncDispose]())

const principal = 'sql01.contoso.com\\rtc'
const partner = 'sql02.contoso.com\\rtc'

const breakIt = (kind: string, subject: string, detail: string | null = null): Promise<void> =>
  change(lab.paths.directory, 'break', { kind, subject, detail })
const repair = (kind: string, subject: string): Promise<void> =>
  change(lab.paths.directory, 'repair', { kind, subject, detail: null })

function facts(name: string): SqlFacts {
  return lab
    .world()
    .sqlServers.map((server) => server.facts)
    .find((server) => sqlName(server) === name)!
}

const answering = async (fqdn: string): Promise<number> => (await openPorts(lab.world(), fqdn)).length

/** The world as it was but for what servers remember themselves. */
function comparable(world: World): object {
  return { ...world, changes: [] }
}

const canMount = ((): boolean => {
  using folder = temporaryFolder()
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'probe', folder.path], { stdio: 'ignore' })
    execFileSync('umount', [folder.path])
    return true
  } catch {
    return false
  }
})()

describe('every kind', () => {
  test('is listed with subjects, details and a sentence; the first detail is the default', async () => {
    const kinds = breaksOf(lab.paths.directory)
    expect(kinds.map(({ kind }) => kind).sort()).toEqual(
      [
        ...['central-management', 'certificate', 'clock', 'cmdlet', 'connection', 'database', 'dhcp', 'dns'],
        ...['failover', 'contacts', 'file-store', 'log-backups', 'mirror', 'network', 'pairing', 'patch', 'replica'],
        ...['server', 'service', 'set', 'setting', 'share', 'simple-url', 'sql', 'topology', 'user', 'wipe'],
      ].sort(),
    )
    for (const { subjects, details, does } of kinds) {
      expect(subjects.length).toBeGreaterThan(0)
      expect(details.length).toBeGreaterThan(0)
      for (const detail of details.slice(1)) expect(does).toContain(`${detail}:`)
    }
    const { code, json } = await holdfast(
      lab.paths.directory,
      'lab',
      'break',
      '--list',
      '--dir',
      '.',
      '--output',
      'json',
    )
    expect(code).toBe(0)
    expect(json()).toEqual({ breaks: kinds })
  })

  const reversible: [string, string, string][] = [
    ['server', 'fe01.contoso.com', 'killed'],
    ['wipe', 'se01.contoso.com', 'clean'],
    ['wipe', 'sql11.contoso.com', 'clean'],
    ['wipe', 'fe01.contoso.com', 'half-built'],
    ['wipe', 'sql11.contoso.com', 'half-built'],
    ['wipe', 'se01.contoso.com', 'rebuilt'],
    ['network', 'fe01.contoso.com', 'unreachable-from-here'],
    ['network', 'sql11.contoso.com', 'dead'],
    ['network', 'Munich', 'dead'],
    ['network', 'contoso', 'unreachable-from-here'],
    ['network', 'contoso', 'dead'],
    ['service', 'fe01.contoso.com', 'stopped'],
    ['service', 'fe01.contoso.com', 'missing'],
    ['service', 'fe01.contoso.com', 'only-replica'],
    ['replica', 'edge01.contoso.com', 'late'],
    ['patch', 'fe02.contoso.com', 'behind'],
    ['pairing', 'pool01.contoso.com', 'error'],
    ['pairing', 'pool01.contoso.com', 'backlog'],
    ['pairing', 'pool01.contoso.com', 'unpaired'],
    ['failover', 'pool01.contoso.com', 'failed-over'],
    ['failover', 'pool02.contoso.com', 'failing-over'],
    ['failover', 'pool01.contoso.com', 'failing-back'],
    ['contacts', 'se01.contoso.com', 'added'],
    ['central-management', 'contoso', 'elsewhere'],
    ['central-management', 'contoso', 'no-master'],
    ['central-management', 'contoso', 'both'],
    ['dhcp', 'dhcp01.contoso.com', 'changed'],
    ['simple-url', 'contoso', 'changed'],
    ['certificate', 'fe01.contoso.com', 'expiring'],
    ['certificate', 'fe01.contoso.com', 'reissued'],
    ['certificate', 'fe01.contoso.com', 'web-expired'],
    ['certificate', 'fe01.contoso.com', 'web-other-name'],
    ['log-backups', principal, 'stopped'],
    ['database', `${principal}/rtcxds`, 'suspect'],
    ['database', `${principal}/rtcxds`, 'recovery-model'],
    ['database', `${principal}/rtcxds`, 'emptied'],
    ['database', `${principal}/rtcxds`, 'lost'],
    ['database', `${principal}/rtcxds`, 'offline'],
    ['database', `${principal}/rtcxds`, 'recreated'],
    ['mirror', principal, 'partner-lost'],
    ['mirror', principal, 'suspended'],
    ['mirror', principal, 'failed-over'],
    ['sql', principal, 'slow-backups'],
    ['sql', principal, 'slow-restores'],
    ['sql', principal, 'cut-backups'],
    ['sql', principal, 'login-refused'],
    ['connection', principal, 'backup-fails'],
    ['connection', principal, 'backup-succeeds'],
    ['cmdlet', 'Export-CsUserData', 'fails'],
    ['file-store', '\\\\contoso.com\\Lync', 'moved'],
    ['file-store', '\\\\contoso.com\\Lync', 'emptied'],
    ['file-store', '\\\\contoso.com\\Lync', 'lost'],
    ['topology', 'pool98.contoso.com', 'added'],
    ['topology', 'chat.contoso.com', 'removed'],
    ['topology', 'pool01.contoso.com', 'member-added'],
    ['clock', 'sql01.contoso.com', 'behind'],
    ['clock', 'contoso', '-90s'],
  ]
  test.each(reversible)('%s of %s (%s) changes the world, and repair puts it back', async (kind, subject, detail) => {
    const before = comparable(lab.world())
    await breakIt(kind, subject, detail)
    // A file store is no fact of the state: its folder is.
    if (kind !== 'file-store') expect(comparable(lab.world())).not.toEqual(before)
    expect(lab.world().changes).toMatchObject([{ kind, subject, detail }])
    await repair(kind, subject)
    expect(comparable(lab.world())).toEqual(before)
    expect(lab.world().changes).toEqual([])
  })

  test('unknown kinds, subjects and details, and repairs of what is whole, are told', async () => {
    await expect(breakIt('earthquake', 'fe01.contoso.com')).rejects.toMatchObject({ code: 'lab-break-unknown' })
    await expect(breakIt('server', 'fe99.contoso.com')).rejects.toMatchObject({ code: 'lab-break-unknown' })
    await expect(breakIt('topology', 'pool01.contoso.com', 'added')).rejects.toMatchObject({
      code: 'lab-break-unknown',
    })
    await expect(breakIt('topology', 'pool97.contoso.com', 'removed')).rejects.toMatchObject({
      code: 'lab-break-unknown',
    })
    await expect(breakIt('clock', 'contoso', '1e9s')).rejects.toMatchObject({ code: 'lab-break-unknown' })
    await expect(breakIt('server', 'fe01.contoso.com', 'slowly')).rejects.toMatchObject({ code: 'lab-break-unknown' })
    await expect(repair('server', 'fe01.contoso.com')).rejects.toMatchObject({ code: 'lab-not-broken' })
    const usage = await holdfast(lab.paths.directory, 'lab', 'break', 'server', '--dir', '.')
    expect(usage.code).toBe(2)
  })
})

describe('a killed server', () => {
  test('answers on no port and has no shares; repair returns when it answers again', async () => {
    const whole = await answering('se01.contoso.com')
    expect(whole).toBe(5) // 5061, 443, 4443, 445 and its SQL Server
    await breakIt('server', 'se01.contoso.com')
    expect(await answering('se01.contoso.com')).toBe(0)
    expect(existsSync(join(lab.paths.shares, 'se01.contoso.com'))).toBe(false)
    await repair('server', 'SE01.contoso.com')
    expect(await answering('se01.contoso.com')).toBe(whole)
    expect(readdirSync(join(lab.paths.shares, 'se01.contoso.com', 'LyncShare')).length).toBeGreaterThan(0)
  })

  test('of a mirror with a witness the partner takes over and stays in charge', async () => {
    const witnessed = lab
      .world()
      .sqlServers.map((server) => server.facts)
      .find(({ databases }) =>
        databases.some(({ mirroring }) => mirroring?.role === 'PRINCIPAL' && mirroring.witness !== null),
      )
    if (!witnessed) throw new Error('the sample has no mirror with a witness')
    const other = (): SqlFacts => facts(witnessed.databases[0]!.mirroring!.partnerInstance)
    await breakIt('server', witnessed.host)
    expect(
      other().databases.every(({ state, mirroring }) => state === 'ONLINE' && mirroring?.role === 'PRINCIPAL'),
    ).toBe(true)
    await repair('server', witnessed.host)
    expect(facts(sqlName(witnessed)).databases.every(({ mirroring }) => mirroring?.role === 'MIRROR')).toBe(true)
    expect(other().databases.every(({ mirroring }) => mirroring?.state === 'SYNCHRONIZED')).toBe(true)
    await breakIt('mirror', sqlName(witnessed), 'failed-over')
    expect(facts(sqlName(witnessed)).databases.every(({ mirroring }) => mirroring?.role === 'PRINCIPAL')).toBe(true)
  })
})

describe('a wiped server', () => {
  test('has SQL Server without databases when it was a Back End', async () => {
    await breakIt('wipe', 'sql01.contoso.com')
    expect(facts(principal)).toMatchObject({ running: true, databases: [] })
    expect(await answering('sql01.contoso.com')).toBeGreaterThan(0)
    await repair('wipe', 'sql01.contoso.com')
    expect(facts(principal).databases.map(({ name }) => name)).toContain('rtcxds')
  })

  test('has neither services nor SQL Server, and empty shares, when it was a Standard Edition server', async () => {
    await breakIt('wipe', 'se01.contoso.com')
    expect(lab.world().hosts.find(({ fqdn }) => fqdn === 'se01.contoso.com')?.services).toEqual([])
    expect(readdirSync(join(lab.paths.shares, 'se01.contoso.com', 'LyncShare'))).toEqual([])
    expect(await answering('se01.contoso.com')).toBe(1) // SMB
    await repair('wipe', 'se01.contoso.com')
  })
})

test('a lost database is not there, and comes back as it was', async () => {
  const before = facts(principal).databases.find(({ name }) => name === 'rgsconfig')
  await breakIt('database', `${principal}/rgsconfig`)
  expect(facts(principal).databases.map(({ name }) => name)).not.toContain('rgsconfig')
  await repair('database', `${principal}/RGSCONFIG`)
  expect(facts(principal).databases.find(({ name }) => name === 'rgsconfig')).toEqual(before)
})

/** Over TDS with the lab's own login. */
async function query<Row>(name: string, text: string): Promise<Row[]> {
  const connection = new mssql.ConnectionPool({
    ...{ server: '127.0.0.1', port: lab.world().sqlServers.find((server) => sqlName(server.facts) === name)!.local! },
    ...{ user: 'holdfast', password: readFileSync(lab.paths.password, 'utf8').trim() },
    options: { encrypt: true, trustServerCertificate: true },
  })
  await connection.connect()
  const { recordset } = await connection.request().query<Row>(text)
  await connection.close()
  return recordset
}

test('logs are backed up by the hour under FULL, until the job stops', async () => {
  const newest = async (name: string): Promise<number> => {
    const [row] = await query<{ backup_finish_date: Date }>(
      name,
      "SELECT TOP 1 backup_finish_date FROM msdb.dbo.backupset WHERE type = 'L' ORDER BY backup_finish_date DESC",
    )
    return row ? (Date.now() - row.backup_finish_date.getTime()) / 3_600_000 : Infinity
  }
  const mirrored = 'sql03.contoso.com\\archive'
  expect(await newest(mirrored)).toBeLessThan(1)
  expect(await newest('sql05.contoso.com')).toBe(Infinity)
  await breakIt('log-backups', mirrored)
  expect(await newest(mirrored)).toBeGreaterThan(6 * 24)
  await repair('log-backups', mirrored)
  expect(await newest(mirrored)).toBeLessThan(1)
})

test.each([
  ['offline', 'OFFLINE'],
  ['suspect', 'SUSPECT'],
])('a database that is %s says so, and comes back', async (detail, state) => {
  const states = (): Promise<{ state_desc: string }[]> =>
    query('sql05.contoso.com', "SELECT state_desc FROM sys.databases WHERE name = 'LcsCDR'")
  await breakIt('database', 'sql05.contoso.com/LcsCDR', detail)
  expect(await states()).toEqual([{ state_desc: state }])
  await repair('database', 'sql05.contoso.com/LcsCDR')
  expect(await states()).toEqual([{ state_desc: 'ONLINE' }])
})

test('when the partner of a mirror is lost the principal is disconnected', async () => {
  await breakIt('mirror', principal)
  expect(facts(partner).running).toBe(false)
  expect(facts(principal).databases[0]?.mirroring?.state).toBe('DISCONNECTED')
  await repair('mirror', principal)
  expect(facts(principal).databases[0]?.mirroring?.state).toBe('SYNCHRONIZED')
})

describe('the backup share', () => {
  const unc = '\\\\backup01.contoso.com\\LyncBackup'
  const share = (): string => join(lab.paths.shares, 'backup01.contoso.com', 'LyncBackup')
  const mark = (): string => join(share(), 'mark.txt')

  test.each(['gone', 'another'])('is %s, and comes back with its content', async (detail) => {
    writeFileSync(mark(), 'mine')
    await breakIt('share', unc, detail)
    expect(existsSync(share())).toBe(detail === 'another')
    expect(existsSync(mark())).toBe(false)
    await repair('share', unc)
    expect(readFileSync(mark(), 'utf8')).toBe('mine')
  })

  test('what somebody wrote to a missing share is kept aside, not mixed in', async () => {
    await breakIt('share', unc, 'gone')
    mkdirSync(share())
    writeFileSync(join(share(), 'stray.txt'), 'stray')
    await repair('share', unc)
    expect(existsSync(join(share(), 'stray.txt'))).toBe(false)
  })

  test.skipIf(process.getuid?.() === 0 && !canMount)('is read-only (as root it needs the right to mount)', async () => {
    mkdirSync(join(share(), 'policy'), { recursive: true })
    await breakIt('share', unc, 'read-only')
    expect(() => {
      writeFileSync(join(share(), 'policy', 'new.txt'), 'x')
    }).toThrow(/EROFS|EACCES/)
    await repair('share', unc)
    writeFileSync(join(share(), 'policy', 'new.txt'), 'x')
  })

  test.skipIf(!canMount)('is full (needs the right to mount), and has room again with what was there', async () => {
    writeFileSync(mark(), 'mine')
    await breakIt('share', unc, 'full')
    expect(statfsSync(share()).bavail).toBe(0)
    expect(readFileSync(mark(), 'utf8')).toBe('mine')
    expect(() => {
      writeFileSync(join(share(), 'new.bin'), Buffer.alloc(64 * 1024))
    }).toThrow('ENOSPC')
    rmSync(join(share(), 'new.bin'), { force: true })
    await repair('share', unc)
    expect(readdirSync(share())).not.toContain('System Volume Information')
    expect(readFileSync(mark(), 'utf8')).toBe('mine')
    writeFileSync(join(share(), 'new.bin'), Buffer.alloc(64 * 1024))
  })

  test.skipIf(process.getuid?.() === 0 && !canMount)(
    'a file of a file store cannot be opened, not even by root',
    async () => {
      const store = join(lab.paths.shares, 'fs01.contoso.com', 'LyncShare')
      const files = readdirSync(store, { recursive: true, encoding: 'utf8' })
        .map((file) => join(store, file))
        .filter((file) => statSync(file).isFile())
      const unreadable = (): string[] =>
        files.filter((file) => {
          try {
            readFileSync(file)
            return false
          } catch {
            return true
          }
        })
      for (const [detail, name] of [
        ['denied', /^(?!.*(ABFiles|CMSFileStore|Meeting\.Active))/],
        ['denied-address-book', /\/ABFiles\//],
      ] as const) {
        await breakIt('file-store', '\\\\fs01.contoso.com\\LyncShare', detail)
        expect(unreadable()).toEqual([expect.stringMatching(name)])
        await repair('file-store', '\\\\fs01.contoso.com\\LyncShare')
        expect(unreadable()).toEqual([])
      }
    },
  )
})

describe('a file store', () => {
  const unc = '\\\\fs01.contoso.com\\LyncShare'
  const folder = (): string => join(lab.paths.shares, 'fs01.contoso.com', 'LyncShare')
  const births = (): [string, number][] =>
    readdirSync(folder()).map((name) => [name, statSync(join(folder(), name)).birthtimeMs])

  test.each(['moved', 'lost', 'emptied'])('is %s, and comes back as old as it was', async (detail) => {
    const before = births()
    expect(before).toHaveLength(3)
    await breakIt('file-store', unc, detail)
    expect(existsSync(folder())).toBe(detail === 'emptied')
    if (detail === 'emptied') expect(births()).toEqual([])
    await repair('file-store', unc)
    expect(births()).toEqual(before)
  })
})

describe('a backup set', () => {
  const folder = (): string =>
    join(lab.paths.shares, 'backup01.contoso.com', 'LyncBackup', 'nightly', '20260729T020000Z-abcd')
  const payload = (): string => join(folder(), 'data', 'configuration', 'Config.zip')
  beforeAll(() => {
    mkdirSync(join(folder(), 'data', 'configuration'), { recursive: true })
    writeFileSync(payload(), Buffer.alloc(1000, 'a'))
    writeFileSync(join(folder(), 'data', 'small.txt'), 'small')
    writeFileSync(join(folder(), 'tagmanifest-sha256.txt'), '')
  })

  test('one bit of its largest file changes, and neither size nor time tells', async () => {
    const before = readFileSync(payload())
    const { size, mtimeMs } = statSync(payload())
    await breakIt('set', 'latest')
    const after = readFileSync(payload())
    expect(after.filter((byte, index) => byte !== before[index])).toHaveLength(1)
    expect(statSync(payload()).size).toBe(size)
    expect(statSync(payload()).mtimeMs).toBeCloseTo(mtimeMs, 1)
    await repair('set', 'latest')
    expect(readFileSync(payload())).toEqual(before)
  })

  test('a file is missing or cut, by id of the set', async () => {
    const id = 'nightly/20260729T020000Z-abcd'
    await breakIt('set', id, 'missing-file')
    expect(existsSync(payload())).toBe(false)
    await breakIt('set', id, 'cut-file')
    expect(statSync(payload()).size).toBe(500)
    await repair('set', id)
    expect(statSync(payload()).size).toBe(1000)
  })

  test('a set that is not there cannot be broken', async () => {
    await expect(breakIt('set', 'nightly/20260101T000000Z-none')).rejects.toMatchObject({ code: 'lab-break-unknown' })
  })
})

test('a lab that is down can be broken; it comes up that way', async () => {
  using folder = temporaryFolder()
  const directory = join(folder.path, 'lab')
  const first = await startLab(directory, sample)
  await first[Symbol.asyncDispose]()
  await change(directory, 'break', { kind: 'server', subject: 'fe01.contoso.com', detail: null })
  await using again = await startLab(directory, sample)
  expect(readWorld(again.paths).hosts.find(({ fqdn }) => fqdn === 'fe01.contoso.com')?.powered).toBe(false)
})
