/** The file system of the state store turns read-only, as Linux does by itself when a disk has faults. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { openStore } from '../../src/store/store.ts'
import { startDaemonProcess } from '../support/daemon-process.ts'
import { smallDeployment } from '../support/desired-files.ts'
import { cli } from '../support/lab.ts'
import { makeRepository } from '../support/repository.ts'

const dir = mkdtempSync(join(tmpdir(), 'holdfast-read-only-'))
const folder = join(dir, 'memory')
const disk = join(dir, 'disk')
for (const path of [folder, disk]) mkdirSync(path)
const mounted = run('mount', '-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder)
const image = join(dir, 'image')
writeFileSync(image, '')
truncateSync(image, 32 * 1024 ** 2)
const attached = run('mkfs.ext4', '-q', '-F', image) && run('mount', '-o', 'loop', image, disk)

function run(program: string, ...words: string[]): boolean {
  try {
    execFileSync(program, words, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

afterAll(() => {
  if (mounted) run('umount', '--lazy', folder)
  if (attached) run('umount', '--lazy', disk)
  rmSync(dir, { recursive: true, force: true })
})

test.runIf(mounted)(
  `a daemon that starts says so by name, leaves the file alone, and what only reads goes on${mounted ? '' : ' (skipped: no right to mount)'}`,
  async () => {
    openStore(join(folder, 'state.db'), 'act', systemClock)[Symbol.dispose]()
    const config = join(folder, 'holdfast.yaml')
    writeFileSync(join(folder, 'owner.id'), '0'.repeat(32))
    writeFileSync(config, 'git: { url: /nowhere }\nstate: ./state.db\n')
    const before = readdirSync(folder).sort()
    expect(run('mount', '-o', 'remount,ro', folder)).toBe(true)

    const { code, err } = await cli('run', '--config', config)
    expect(code).toBe(1)
    expect(err).toContain('[state-store-read-only]')
    expect(err).not.toContain('suppressed during disposal')
    expect((await cli('audit', 'verify', '--config', config)).code).toBe(0)
    expect(readdirSync(folder).sort()).toEqual(before)
  },
)

test.runIf(attached)(
  `a daemon that runs says that it waits, goes on, and ends when it is asked to${attached ? '' : ' (skipped: no right to mount, or no ext4)'}`,
  async () => {
    const repository = makeRepository(join(dir, 'repository'))
    repository.commit({ 'desired-state/all.yaml': smallDeployment })
    const config = join(dir, 'holdfast.yaml')
    const git = `{ url: ${repository.folder}, branch: main, path: desired-state }`
    writeFileSync(config, `git: ${git}\nstate: ./disk/state.db\ndns: { servers: ['127.0.0.1:1'] }\n`)
    await using daemon = startDaemonProcess(config)
    await daemon.says('the daemon runs')
    expect(run('mount', '-o', 'remount,abort', disk)).toBe(true) // the kernel's answer to a fault, with open files too

    expect((await daemon.says('the state store takes nothing: waiting for it')).level).toBe(40)
    expect(daemon.isAlive()).toBe(true)
    daemon.signal('SIGTERM')
    expect(await daemon.exited).toBe(0)
    expect(daemon.err()).not.toContain('suppressed during disposal')
  },
)
