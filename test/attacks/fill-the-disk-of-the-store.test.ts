/** The disk of the state store is full while the daemon works. */
import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { journalOf, setsOn, startDaemonProcess } from '../support/daemon-process.ts'
import { startLab, type TestLab } from '../support/lab.ts'
import { until } from '../support/until.ts'

const disk = mkdtempSync(join(tmpdir(), 'holdfast-disk-'))
const mounted = tryMount()

function tryMount(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

let lab: TestLab

beforeAll(async () => {
  if (!mounted) return
  lab = await startLab()
  const text = readFileSync(lab.config, 'utf8')
  writeFileSync(lab.config, text.replace(/^state:.*$/m, `state: ${join(disk, 'state.db')}`))
}, 120_000)
afterAll(async () => {
  if (mounted) {
    await lab[Symbol.asyncDispose]()
    execFileSync('umount', ['--lazy', disk])
  }
  rmSync(disk, { recursive: true, force: true })
})

/** Takes every free byte. */
function fill(): void {
  for (let size = 1 << 16; size > 0; size >>= 1)
    try {
      for (;;) appendFileSync(join(disk, 'ballast'), Buffer.alloc(size))
    } catch {
      // full for this size
    }
}

test.runIf(mounted)(
  `runs go on to their end and are recorded once there is room again${mounted ? '' : ' (skipped: no right to mount)'}`,
  async () => {
    await lab.break('cmdlet', 'Export-CsConfiguration', 'slow')
    await using daemon = startDaemonProcess(lab.config)
    await until(() => Promise.resolve(setsOn(lab.share).length === 2 ? true : undefined))
    fill()

    expect((await daemon.says('state-store-full')).level).toBe(40)
    await until(() => Promise.resolve(setsOn(lab.share).every(({ committed }) => committed) ? true : undefined))
    expect(daemon.isAlive()).toBe(true)
    expect(await lab.holdfast('backup', 'nightly')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/\[state-store-(full|failed)\]\n/) as string,
    })

    rmSync(join(disk, 'ballast'))
    await daemon.says('the state store takes changes again')
    const said = await until(async () => {
      const all = await journalOf(lab)
      return ['nightly', 'file-stores'].every((one) => all.includes(`action-done ${one}`)) ? all : undefined
    })
    expect(said.filter((one) => /^action-(interrupted|failed)/.test(one))).toEqual([])
    expect(setsOn(lab.share).map(({ id }) => id.split('/')[0])).toEqual(['file-stores', 'nightly'])

    fill()
    daemon.signal('SIGTERM')
    expect(await daemon.exited).toBe(0)
    expect(daemon.err()).not.toContain('suppressed during disposal')
  },
  120_000,
)
