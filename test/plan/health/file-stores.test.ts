import { expect, it } from 'vitest'
import type { Facts } from '../../../src/domain/facts.ts'
import { foldSubject } from '../../../src/domain/subject.ts'
import { classify } from '../../../src/plan/health/classes.ts'
import { desiredState, fileStore } from '../../support/desired.ts'
import { memory, seen, world } from '../../support/observed.ts'

const now = '2026-03-10T00:00:00.000Z'
const share = '\\\\fs01.contoso.com\\Lync'
const folder = '1-WebServices-1'

const full = { folders: [folder], entries: 5 }
const bare = { folders: [], entries: 0 }
const hollow = { folders: [folder], entries: 0 }

it.each<[string, Facts['fileStore'], recorded: string | null, expected: string]>([
  ['full and mounted', { ...full, mountPoint: '/mnt/lync' }, '/mnt/lync', 'healthy'],
  ['emptied, and still mounted', { ...bare, mountPoint: '/mnt/lync' }, '/mnt/lync', 'clean'],
  ['emptied, and never mounted', { ...bare, mountPoint: '/' }, '/', 'clean'],
  ['emptied, and nothing is recorded', { ...bare, mountPoint: '/' }, null, 'clean'],
  ['emptied, on Windows', bare, null, 'clean'],
  ['bare where the mount was', { ...bare, mountPoint: '/' }, '/mnt/lync', 'unknown'],
  ['hollow where the mount was', { ...hollow, mountPoint: '/' }, '/mnt/lync', 'unknown'],
  ['full where the mount was', { ...full, mountPoint: '/' }, '/mnt/lync', 'healthy'],
])('a file store that is %s', (_, value, recorded, expected) => {
  const desired = desiredState({ fileStores: [fileStore(share, { serviceFolders: [folder] })] })
  const record = recorded === null ? {} : { [share]: { mountPoint: recorded } }
  const observed = world([], {
    fileStore: new Map([[share, seen(share, value)]]),
    environmentRecord: new Map([['set', seen('set', { record })]]),
  })
  const verdict = classify(desired, observed, memory(), now).fileStores.get(foldSubject(share))
  expect(verdict?.class).toBe(expected)
  if (expected === 'unknown') expect(verdict?.reason).toMatch(/^Nothing is mounted at \/mnt\/lync/)
})
