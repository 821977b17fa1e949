import { expect, it } from 'vitest'
import type { Facts } from '../../../src/domain/facts.ts'
import type { Unseen } from '../../../src/domain/observation.ts'
import { foldSubject } from '../../../src/domain/subject.ts'
import { classify } from '../../../src/plan/health/classes.ts'
import { desiredState, fileStore, pool } from '../../support/desired.ts'
import { memory, notSeen, seen, world } from '../../support/observed.ts'

const now = '2026-03-10T00:00:00.000Z'
const share = '\\\\fs01.contoso.com\\Lync'
const folder = '1-WebServices-1'

const full = { folders: [folder], entries: 5 }
const bare = { folders: [], entries: 0 }
const hollow = { folders: [folder], entries: 0 }
const refusal: Partial<Unseen> = { code: 'file-denied', answered: true }

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

it.each<[string, Partial<Unseen>, error: string, expected: string]>([
  ['is not there', { code: 'file-gone' }, 'Der Netzwerkname wurde nicht gefunden.', 'absent'],
  ['refuses us, in words that hold the name of another error', refusal, 'ENOENT [file-gone]', 'degraded'],
  ['is not reached', { code: 'share-unreachable' }, 'ENOENT: no such file or directory', 'unreachable'],
  ['could not be asked', { code: 'path-not-mapped' }, 'no path for ENOENT [file-gone]', 'unreachable'],
])('a share that %s, of a server that answers', (_, why, error, expected) => {
  const server = 'fs01.contoso.com'
  const desired = desiredState({
    fileStores: [fileStore(share)],
    pools: [pool(server, 'front-end', { servers: [server] })],
  })
  const observed = world([], {
    fileStore: new Map([[share, notSeen(share, error, why)]]),
    ports: new Map([[server, seen(server, { open: [445], closed: [] })]]),
  })
  expect(classify(desired, observed, memory(), now).fileStores.get(foldSubject(share))?.class).toBe(expected)
})
