import { describe, expect, it } from 'vitest'
import type { DatabaseFacts, Facts } from '../../src/domain/facts.ts'
import { choosePrincipal, movedSince, standOf, type Stand } from '../../src/domain/principal.ts'

const database = (more: Partial<DatabaseFacts>): Facts['sqlInstance'] => ({
  version: '11.0',
  edition: 'Standard',
  machine: 'SQL01',
  databases: [
    {
      name: 'lcscdr',
      guid: null,
      state: 'ONLINE',
      recoveryModel: 'FULL',
      createdAt: null,
      mirroringRole: null,
      replicaRole: null,
      ...more,
    },
  ],
})
const first = (more: Partial<DatabaseFacts>) => ({ name: 'first', facts: database(more) })
const second = (more: Partial<DatabaseFacts>) => ({ name: 'second', facts: database(more) })
const lost = { name: 'first', facts: null }

describe('the partner to back up from', () => {
  it.each([
    [
      'the principal',
      [first({ mirroringRole: 'PRINCIPAL' }), second({ mirroringRole: 'MIRROR', state: 'RESTORING' })],
      'first',
    ],
    [
      'the other one after a failover',
      [first({ mirroringRole: 'MIRROR', state: 'RESTORING' }), second({ mirroringRole: 'PRINCIPAL' })],
      'second',
    ],
    ['the primary of a group', [first({ replicaRole: 'SECONDARY' }), second({ replicaRole: 'PRIMARY' })], 'second'],
    ['the one that is left after a failover', [lost, second({ mirroringRole: 'PRINCIPAL' })], 'second'],
    ['the published one where the session was removed', [first({}), second({})], 'first'],
    ['a principal rather than a lone copy', [first({}), second({ mirroringRole: 'PRINCIPAL' })], 'second'],
    [
      'nobody, when only the mirror is left',
      [lost, second({ mirroringRole: 'MIRROR', state: 'RESTORING' })],
      undefined,
    ],
    ['nobody, when the principal is not online', [first({ mirroringRole: 'PRINCIPAL', state: 'SUSPECT' })], undefined],
    ['nobody, when a secondary is all there is', [first({ replicaRole: 'SECONDARY' })], undefined],
    ['nobody, when the database is on neither', [first({ name: 'other' }), second({ name: 'other' })], undefined],
  ])('is %s', (_name, partners, chosen) => {
    expect(choosePrincipal('LcsCDR', partners)?.name).toBe(chosen)
  })
})

describe('where a database stands', () => {
  it('is told of one that is there, in whatever case its name is written', () => {
    expect(standOf('LcsCDR', database({ mirroringRole: 'PRINCIPAL', guid: 'G1' }))).toEqual({
      machine: 'SQL01',
      role: 'PRINCIPAL',
      guid: 'G1',
    })
    expect(standOf('LcsLog', database({}))).toBeNull()
  })

  const before: Stand = { machine: 'SQL01', role: 'PRINCIPAL', guid: 'G1' }
  it.each([
    ['the same', {}, null],
    ['the same in other case', { machine: 'sql01', guid: 'g1' }, null],
    ['an identity that is not shown now', { guid: null }, null],
    ['another machine', { machine: 'SQL02' }, 'SQL02 answers instead of SQL01'],
    ['another role', { role: 'MIRROR' }, 'its role was PRINCIPAL and is MIRROR'],
    ['no session any more', { role: null }, 'its role was PRINCIPAL and is none'],
    ['another identity', { guid: 'G2' }, 'another database has its name'],
  ])('%s', (_name, now, moved) => {
    expect(movedSince(before, { ...before, ...now })).toBe(moved)
  })

  it('is nowhere any more', () => {
    expect(movedSince(before, null)).toBe('the database is no longer there')
    expect(movedSince({ ...before, guid: null }, before)).toBeNull()
  })
})
