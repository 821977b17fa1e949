/** The file system of the state store is mounted read-only, as Linux does by itself when a disk has faults. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { openStore } from '../../src/store/store.ts'
import { cli } from '../support/lab.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-read-only-'))
const mounted = mount('-t', 'tmpfs', '-o', 'size=4m', 'tmpfs')

function mount(...options: string[]): boolean {
  try {
    execFileSync('mount', [...options, folder], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

afterAll(() => {
  if (mounted) execFileSync('umount', ['--lazy', folder])
  rmSync(folder, { recursive: true, force: true })
})

test.runIf(mounted)(
  'a daemon that starts says so by name, leaves the file alone, and what only reads goes on (skipped: no right to mount)',
  async () => {
    openStore(join(folder, 'state.db'), 'act', systemClock)[Symbol.dispose]()
    const config = join(folder, 'holdfast.yaml')
    writeFileSync(join(folder, 'owner.id'), '0'.repeat(32))
    writeFileSync(config, 'git: { url: /nowhere }\nstate: ./state.db\n')
    const before = readdirSync(folder).sort()
    expect(mount('-o', 'remount,ro')).toBe(true)

    const { code, err } = await cli('run', '--config', config)
    expect(code).toBe(1)
    expect(err).toContain('[state-store-read-only]')
    expect(err).not.toContain('suppressed during disposal')
    expect((await cli('audit', 'verify', '--config', config)).code).toBe(0)
    expect(readdirSync(folder).sort()).toEqual(before)
  },
)
