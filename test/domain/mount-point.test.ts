import { expect, it } from 'vitest'
import { compareEnvironments } from '../../src/domain/environment-differences.ts'
import { ofSight } from '../../src/domain/environment-sights.ts'
import { lostMount } from '../../src/domain/mount-point.ts'
import { notSeen, seen } from '../support/observed.ts'

const share = '\\\\fs01.contoso.com\\Lync'

it.each([
  ['is still mounted', '/mnt/lync', '/mnt/lync', null],
  ['its mount is gone', '/mnt/lync', '/', '/mnt/lync'],
  ['its mount is gone, and its parent is a volume of its own', '/mnt/lync', '/mnt', '/mnt/lync'],
  ['it is reached by another mount', '/mnt/lync', '/srv/lync', null],
  ['it is reached by a mount with a longer name', '/mnt/lync2', '/mnt/lync', null],
  ['it never was a mount', '/', '/', null],
  ['it became a mount', '/', '/mnt/lync', null],
  ['this system has none', '/mnt/lync', undefined, null],
  ['the record has none', undefined, '/', null],
])('a store whose folder %s', (_, then, now, expected) => {
  const record = { [share.toUpperCase()]: { serviceFolders: '1-WebServices-1', ...(then && { mountPoint: then }) } }
  const records = new Map([['b', seen('b', { record })]])
  expect(lostMount(share, now, records)).toBe(expected)
})

it('the newest record without the mount does not hide the one of the set that holds the share', () => {
  const at = (mountPoint: string) => ({ record: { [share]: { mountPoint } } })
  const records = new Map([
    ['a', notSeen('a', 'gone')],
    ['b', seen('b', at('/'))],
    ['c', seen('c', at('/mnt/lync'))],
  ])
  expect(lostMount(share, '/', records)).toBe('/mnt/lync')
})

it('is recorded where there is one, and never compared', () => {
  const record = (mountPoint?: string) => ofSight.fileStore(share, { folders: ['1-WebServices-1'], mountPoint })
  expect(record('/mnt/lync')).toEqual({ [share]: { serviceFolders: '1-WebServices-1', mountPoint: '/mnt/lync' } })
  expect(record()).toEqual({ [share]: { serviceFolders: '1-WebServices-1' } })
  expect(compareEnvironments(record('/mnt/lync'), record('/'))).toEqual([])
})
