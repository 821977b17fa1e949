import { chownSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { readConfig } from '../../src/config/config.ts'
import { openStore } from '../../src/store/store.ts'

const service = 65534
const isRoot = process.getuid?.() === 0

let folder: string
let config: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-owner-'))
  config = join(folder, 'holdfast.yaml')
  writeFileSync(config, 'git: { url: r }\n')
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

test.skipIf(!isRoot)(
  `what root makes in the folder of the service belongs to the service${isRoot ? '' : ' (skipped: needs root)'}`,
  async () => {
    chownSync(folder, service, service)
    const { state } = await readConfig(config)
    using store = openStore(state, 'act', systemClock)
    expect(store.lease.take()).toBe(true)
    for (const file of ['owner.id', 'state.db', 'state.db-wal', 'state.db-shm']) {
      const { uid, gid } = statSync(join(folder, file))
      expect([file, uid, gid]).toEqual([file, service, service])
    }
  },
)
