import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { opened } from './rooms.ts'
import { runAction } from './samples.ts'

const mount = mkdtempSync(join(tmpdir(), 'holdfast-full-'))
const mounted = tryMount()

function tryMount(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', mount], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

afterAll(() => {
  if (mounted) execFileSync('umount', ['--lazy', mount])
  rmSync(mount, { recursive: true, force: true })
})

test.runIf(mounted)(
  `fault 3: a state file on a full disk is a problem by name, holds no half of anything, and goes on with room${mounted ? '' : ' (skipped: no right to mount)'}`,
  () => {
    const file = join(mount, 'state.db')
    const store = opened(file)
    store.intents.open(runAction('before'))
    const { bavail, bsize } = statfsSync(mount)
    writeFileSync(join(mount, 'ballast'), Buffer.alloc(bavail * bsize))

    let begun = 0
    const fill = (): void => {
      for (; begun < 1000; begun++) store.intents.open(runAction(`full${begun}`))
    }
    expect(fill).toThrow(expect.objectContaining({ code: 'state-store-full' }) as Error)

    expect(store.intents.unresolved()).toHaveLength(1 + begun)
    rmSync(join(mount, 'ballast'))
    store.intents.open(runAction('after'))
    expect(store.intents.unresolved()).toHaveLength(2 + begun)
    expect(store.journal.verify()).toMatchObject({ ok: true })
  },
)
