/** A deployment of 100 pools and 1,000 servers. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { change } from '../../src/lab/lab.ts'
import { labPaths } from '../../src/lab/paths.ts'
import { readWorld, type World } from '../../src/lab/world.ts'
import { writeLargeDeployment } from '../support/large-deployment.ts'
import { holdfast } from '../support/terminal.ts'
import { openSession } from './shell-session.ts'
import { openPorts, temporaryFolder } from './support.ts'

const bin = join(import.meta.dirname, '..', '..', 'src', 'cli', 'holdfast.js')

test.skipIf(process.platform !== 'linux')(
  'a large lab is up in a minute with bounded memory and files, answers and breaks (reads /proc, so on Linux)',
  async () => {
    using folder = temporaryFolder()
    const dir = join(folder.path, 'lab')
    expect(writeLargeDeployment(join(folder.path, 'desired'))).toBe(1000)
    await using _end = {
      async [Symbol.asyncDispose]() {
        await holdfast(folder.path, 'lab', 'down', 'lab')
      },
    }
    const up = await holdfast(folder.path, 'lab', 'up', 'lab', '--from', 'desired', '--detach', '--output', 'json')
    expect(up.err).toBe('')
    const { pid } = up.json() as { pid: number }
    const world = (): World => readWorld(labPaths(dir))
    const hosts = world().hosts.filter(({ roles }) => !roles.includes('backup-server'))
    expect(hosts).toHaveLength(1000)
    expect(world().pools).toHaveLength(100)

    for (const host of hosts.filter((_, index) => index % 50 === 7))
      expect(await openPorts(world(), host.fqdn)).not.toEqual([])
    expect(readdirSync(`/proc/${pid}/fd`).length).toBeLessThan(4000)
    expect(residentMebibytes(pid)).toBeLessThan(400)

    await using session = await openSession(dir)
    const replicas = await session.ask('replication', {})
    // All but the five SQL Servers and two file servers of each of the 20 sites.
    expect(replicas.filter(({ event }) => event === 'object')).toHaveLength(1000 - 20 * 7)
    await change(dir, 'break', { kind: 'network', subject: 'Site07', detail: 'dead' })
    expect(await openPorts(world(), 'fea0701.contoso.com')).toEqual([])
    expect(await openPorts(world(), 'fea0801.contoso.com')).toEqual([5061, 443, 4443, 445])
    await change(dir, 'repair', { kind: 'network', subject: 'Site07', detail: null })
    expect(await openPorts(world(), 'fea0701.contoso.com')).toEqual([5061, 443, 4443, 445])
  },
)

test.skipIf(process.platform === 'win32')('too few open files are told with the remedy (ulimit is of POSIX)', () => {
  using folder = temporaryFolder()
  writeLargeDeployment(join(folder.path, 'desired'), 1)
  const said = ((): string => {
    try {
      const command = `ulimit -n 100 && exec "${process.execPath}" "${bin}" lab up lab --from desired`
      return execFileSync('sh', ['-c', command], { cwd: folder.path, encoding: 'utf8', stdio: 'pipe', timeout: 50_000 })
    } catch (thrown) {
      return (thrown as { stderr: string }).stderr
    }
  })()
  expect(said).toContain('lab-start-failed')
  expect(said).toContain('ulimit -n')
})

function residentMebibytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024
}
