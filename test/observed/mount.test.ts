import { execFileSync } from 'node:child_process'
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { classify } from '../../src/plan/health/classes.ts'
import { environmentOf } from '../../src/domain/environment.ts'
import { foldSubject } from '../../src/domain/subject.ts'
import { desiredState, fileStore } from '../support/desired.ts'
import { memory, seen } from '../support/observed.ts'
import { bench } from './bench.ts'

const path = '\\\\fs01.contoso.com\\LyncShare'
const service = '1-WebServices-1'
const built = bench()
const root = built.share(path)
let mounted = tryMount()

function tryMount(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', root], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function unmount(): void {
  if (mounted) execFileSync('umount', [root])
  mounted = false
}

afterEach(unmount)

test.runIf(mounted)(
  `a share whose mount is gone is unknown, one that was emptied is not${mounted ? '' : ' (skipped: no right to mount)'}`,
  async () => {
    const { observer } = built
    const desired = desiredState({
      ...{ pools: [], locations: [], policies: [], sqlStores: [] },
      fileStores: [fileStore(path, { serviceFolders: [service] })],
    })
    observer.follow(desired)
    const look = async () => {
      await observer.look([path])
      return observer.snapshot()
    }
    mkdirSync(join(root, service))
    writeFileSync(join(root, service, 'a.xml'), 'a')
    const record = environmentOf(desired, await look())
    expect(record[path]).toMatchObject({ mountPoint: realpathSync(root) })
    const classOf = async (): Promise<string | undefined> => {
      const { facts, sets } = await look()
      const now = facts.fileStore.get(path)?.at ?? ''
      const observed = { facts: { ...facts, environmentRecord: new Map([['s', seen('s', { record }, now)]]) }, sets }
      return classify(desired, observed, memory(), now).fileStores.get(foldSubject(path))?.class
    }
    expect(await classOf()).toBe('healthy')
    execFileSync('rm', ['-r', join(root, service)])
    expect(await classOf()).toBe('clean')
    unmount()
    expect(await classOf()).toBe('unknown')
  },
)
