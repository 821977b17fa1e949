import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import mssql from 'mssql'
import { describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { readConfig } from '../../src/config/config.ts'
import { load, type Desired } from '../../src/desired/load.ts'
import { startLab, type RunningLab } from '../../src/lab/lab.ts'
import { readWorld, saveWorld } from '../../src/lab/world.ts'
import { holdfast } from '../support/terminal.ts'
import { contosoLab, sample, temporaryFolder } from './support.ts'

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      resolve(true)
      socket.destroy()
    }).on('error', () => {
      resolve(false)
    })
  })

const git = (folder: string, ...args: string[]): string => execFileSync('git', args, { cwd: folder, encoding: 'utf8' })

/** A connection to an instance of its, over TLS and under its own name. */
async function connectedTo(
  { config, paths }: RunningLab,
  host: string,
  instance: string,
): Promise<mssql.ConnectionPool & AsyncDisposable> {
  const { instances } = (await readConfig(config)).hosts[host]!.sql!
  const pool = new mssql.ConnectionPool({
    ...{ server: '127.0.0.1', port: instances[instance]!, user: 'holdfast' },
    password: readFileSync(paths.password, 'utf8').trim(),
    options: {
      ...{ encrypt: true, trustServerCertificate: false, serverName: host },
      cryptoCredentialsDetails: { ca: readFileSync(paths.authority, 'utf8') },
    },
  })
  await pool.connect()
  return Object.assign(pool, { [Symbol.asyncDispose]: () => pool.close() })
}

describe('a fresh lab', () => {
  test('its configuration is one that the daemon takes, with every host, share and instance', async () => {
    await using lab = await contosoLab()
    const config = await readConfig(lab.config)
    expect(config.git).toMatchObject({ url: lab.paths.repository, branch: 'main', path: 'desired-state' })
    expect(config.pathMap.map(({ unc }) => unc)).toContain('\\\\backup01.contoso.com\\LyncBackup')
    expect(Object.keys(config.hosts)).toHaveLength(lab.world().hosts.length)
    expect(config.hosts['sql01.contoso.com']?.sql?.instances.rtc).toBeGreaterThan(0)
    for (const { local } of config.pathMap) expect(statSync(local).isDirectory()).toBe(true)
  })

  test('its SQL Servers take the login over TLS under their own names', async () => {
    await using lab = await contosoLab()
    await using pool = await connectedTo(lab, 'sql01.contoso.com', 'rtc')
    const { recordset } = await pool
      .request()
      .query<{ name: string }>('SELECT name FROM sys.databases WHERE database_id > 4')
    const names = recordset.map(({ name }) => name)
    for (const name of ['rtcxds', 'rtcshared', 'rtcab', 'rgsconfig', 'rgsdyn', 'cpsdyn']) expect(names).toContain(name)
    expect(lab.requests().some(({ kind }) => kind === 'sql')).toBe(true)
    expect(readFileSync(lab.paths.requests, 'utf8')).not.toContain(readFileSync(lab.paths.password, 'utf8').trim())
  })

  test('what a statement changed is in its state before the statement is answered', async () => {
    await using lab = await contosoLab()
    await using pool = await connectedTo(lab, 'sql05.contoso.com', '')
    const path = String.raw`\\backup01.contoso.com\LyncBackup\by-hand.bak`
    await pool.request().batch(`BACKUP DATABASE [LcsCDR] TO DISK = N'${path}' WITH COPY_ONLY, CHECKSUM, FORMAT`)
    expect(lab.world().sqlServers.flatMap(({ facts }) => facts.backups)).toMatchObject([{ path }])
  })

  test('file stores are as Lync lays them out: service folders, odd names, an open meeting, the spool', async () => {
    await using lab = await contosoLab()
    const share = join(lab.paths.shares, 'fs01.contoso.com', 'LyncShare')
    const files = readdirSync(share, { recursive: true, encoding: 'utf8' })
    expect(files).toContain('1-WebServices-1/DataConf/Meeting.Active')
    expect(files.some((file) => /^1-CentralMgmt-1\/CMSFileStore\/.+\.zip$/.test(file))).toBe(true)
    expect(files).toContain('1-ApplicationServer-1/AppServerFiles/RGS/AS/営業時間.wav')
    expect(files).toContain('1-WebServices-1/MeetingComplianceData')
    expect(files.filter((file) => statSync(join(share, file)).isFile()).length).toBeGreaterThan(30)
  })

  test('a commit in the clone can be pushed', async () => {
    await using lab = await contosoLab()
    writeFileSync(join(lab.paths.clone, 'desired-state', 'note.md'), 'a change\n')
    git(lab.paths.clone, 'add', '--all')
    git(lab.paths.clone, 'commit', '--quiet', '--message', 'Add a note')
    git(lab.paths.clone, 'push', '--quiet')
    expect(git(lab.paths.repository, 'log', '--format=%s %an', 'main').trim().split('\n')).toEqual([
      'Add a note Contoso Lab',
      'Describe the deployment of the lab Contoso Lab',
    ])
  })

  test('what is kept elsewhere was checked today, and a flag waits for a minute', async () => {
    await using lab = await contosoLab()
    const text = readdirSync(lab.paths.clone, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.yaml'))
      .map((file) => readFileSync(join(lab.paths.clone, file), 'utf8'))
      .join('\n')
    const dates = [...text.matchAll(/^\s*checkedOn:\s*['"]?([\d-]+)/gm)].map((match) => match[1])
    expect(new Set(dates)).toEqual(new Set([lab.world().createdAt.slice(0, 10)]))
    expect(text.match(/^\s*grace: .*$/gm)).toEqual(['    grace: 1m'])
    expect((await readConfig(lab.config)).looks).toEqual({ atLeastEverySeconds: 15 })
  })

  test('its topology document, imported, describes the deployment that it was built from', async () => {
    await using lab = await contosoLab()
    const result = await holdfast(lab.paths.directory, 'import', 'topology.xml', '--to', 'imported')
    expect(result.code).toBe(0)
    const pools = (folder: string): object[] =>
      desiredOf(folder)
        .pools.map(({ fqdn, type, product, servers, stores, fileStore, pairedWith }) => ({
          ...{ fqdn, type, product, servers, pairedWith, fileStore: fileStore?.path },
          stores: Object.fromEntries(
            Object.entries(stores).map(([role, store]) => [role, `${store.host}\\${store.instance}`]),
          ),
        }))
        .sort((a, b) => a.fqdn.localeCompare(b.fqdn))
    expect(pools(join(lab.paths.directory, 'imported'))).toEqual(pools(sample))
  })

  test('its state holds facts and no verdicts', async () => {
    await using lab = await contosoLab()
    const keys = new Set<string>()
    const collect = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return
      for (const [key, inner] of Object.entries(value)) {
        if (!Array.isArray(value)) keys.add(key.toLowerCase())
        collect(inner)
      }
    }
    collect(lab.world())
    for (const verdict of ['class', 'flag', 'finding', 'healthy', 'degraded', 'severity', 'scenario', 'drift', 'due'])
      expect([...keys].filter((key) => key.includes(verdict))).toEqual([])
  })
})

describe('up and down', () => {
  test('a folder with other files is refused and stays as it is', async () => {
    using folder = temporaryFolder()
    writeFileSync(join(folder.path, 'mine.txt'), 'mine')
    await expect(startLab(folder.path, sample)).rejects.toMatchObject({ code: 'lab-directory-not-empty' })
    expect(readdirSync(folder.path)).toEqual(['mine.txt'])
  })

  test('a lab that was killed while it was made is made anew', async () => {
    using folder = temporaryFolder()
    const dead = execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' })
    writeFileSync(join(folder.path, 'lab.unfinished'), dead)
    mkdirSync(join(folder.path, 'clone'))
    writeFileSync(join(folder.path, 'clone', 'half.yaml'), 'half')
    await using lab = await startLab(folder.path, sample)
    expect(existsSync(join(lab.paths.clone, 'half.yaml'))).toBe(false)
    expect(existsSync(join(folder.path, 'lab.unfinished'))).toBe(false)
  })

  test('a lab that another process is making is left to it', async () => {
    using folder = temporaryFolder()
    writeFileSync(join(folder.path, 'lab.unfinished'), `${process.ppid}\n`)
    writeFileSync(join(folder.path, 'sql-password'), 'theirs')
    await expect(startLab(folder.path, sample)).rejects.toMatchObject({ code: 'lab-already-running' })
    expect(readFileSync(join(folder.path, 'sql-password'), 'utf8')).toBe('theirs')
  })

  test('a desired state with faults is refused with the place of the first', async () => {
    using folder = temporaryFolder()
    const tree = join(folder.path, 'tree')
    mkdirSync(tree)
    writeFileSync(join(tree, 'a.yaml'), 'apiVersion: holdfast/v1\nkind: Nonsense\n')
    const result = await holdfast(folder.path, 'lab', 'up', 'lab', '--from', 'tree')
    expect(result.code).toBe(2)
    expect(result.err).toMatch(/a\.yaml:\d+:\d+:/)
    expect(existsSync(join(folder.path, 'lab', 'lab.json'))).toBe(false)
  })

  test('comes up again on the same ports, with what happened to it', async () => {
    using folder = temporaryFolder()
    const directory = join(folder.path, 'lab')
    const first = await startLab(directory, sample)
    const before = readWorld(first.paths)
    const [port] = before.hosts.flatMap(({ listeners }) => listeners.map(({ local }) => local!))
    expect(await answers(port!)).toBe(true)
    await expect(startLab(directory, sample)).rejects.toMatchObject({ code: 'lab-already-running' })
    await first[Symbol.asyncDispose]()
    expect(await answers(port!)).toBe(false)
    await using again = await startLab(directory, sample)
    expect(readWorld(again.paths)).toEqual(before)
    expect(await answers(port!)).toBe(true)
  })

  test('a person may arrange the world by editing its state while it runs', async () => {
    await using lab = await contosoLab()
    const world = lab.world()
    const host = world.hosts.find(({ fqdn }) => fqdn === 'fe01.contoso.com')!
    host.powered = false
    saveWorld(world, lab.paths)
    for (let tries = 0; tries < 100 && (await answers(host.listeners[0]!.local!)); tries++) await wait(20)
    expect(await answers(host.listeners[0]!.local!)).toBe(false)
  })

  test('ends when its folder is deleted, and does not make it anew', async () => {
    using folder = temporaryFolder()
    const directory = join(folder.path, 'lab')
    const lab = await startLab(directory, sample)
    rmSync(directory, { recursive: true })
    await lab.asked
    await lab[Symbol.asyncDispose]()
    expect(existsSync(directory)).toBe(false)
  })

  test('in the background: up, status and down from other processes', async () => {
    using folder = temporaryFolder()
    await using _end = {
      async [Symbol.asyncDispose]() {
        await holdfast(folder.path, 'lab', 'down', 'lab')
      },
    }
    const up = await holdfast(folder.path, 'lab', 'up', 'lab', '--detach', '--output', 'json')
    expect(up.err).toBe('')
    expect(up.code).toBe(0)
    const status = await holdfast(folder.path, 'lab', 'status', '--dir', 'lab', '--output', 'json')
    expect(status.json()).toEqual(up.json())
    expect(status.json()).toMatchObject({
      directory: join(folder.path, 'lab'),
      config: join(folder.path, 'lab', 'holdfast.yaml'),
      listen: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    })
    const world = readWorld({ ...labState(folder.path) })
    expect(await answers(world.sqlServers[0]!.local!)).toBe(true)
    const second = await holdfast(folder.path, 'lab', 'up', 'lab', '--detach')
    expect(second).toMatchObject({ code: 4, err: expect.stringContaining('lab-already-running') })
    expect((await holdfast(folder.path, 'lab', 'down', 'lab')).code).toBe(0)
    expect(await answers(world.sqlServers[0]!.local!)).toBe(false)
    expect((await holdfast(folder.path, 'lab', 'down', 'lab')).out).toContain('already')
    expect(existsSync(join(folder.path, 'lab', 'lab.json'))).toBe(true)
  })

  test('in the foreground it serves until it is told to end, which is no failure', async () => {
    using folder = temporaryFolder()
    const stop = new AbortController()
    let out = ''
    const ended = main(['lab', 'up', 'lab'], {
      out: (text) => {
        out += text
        stop.abort()
      },
      ...{ err: () => {}, interactive: false, columns: 80, cwd: folder.path, env: {}, signal: stop.signal },
    })
    expect(await ended).toBe(0)
    expect(out).toContain('holdfast lab break --list')
    expect(existsSync(join(folder.path, 'lab', 'control.json'))).toBe(false)
  })

  test('what goes wrong in the background is told in the foreground', async () => {
    using folder = temporaryFolder()
    const result = await holdfast(folder.path, 'lab', 'up', 'lab', '--from', 'nowhere', '--detach')
    expect(result).toMatchObject({ code: 2, err: expect.stringContaining('lab-desired-state-invalid') })
  })
})

function desiredOf(folder: string): Desired {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yaml'))
    .map((path) => ({ path, text: readFileSync(join(folder, path), 'utf8') }))
  const loaded = load('test', files)
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors))
  return loaded.desired
}

function labState(folder: string): Parameters<typeof readWorld>[0] {
  return { directory: folder, state: join(folder, 'lab', 'lab.json') } as Parameters<typeof readWorld>[0]
}
