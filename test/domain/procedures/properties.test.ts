import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lossOf } from '../../../src/domain/loss/loss.ts'
import { lossesOf } from '../../../src/domain/loss/several.ts'
import type { Desired, Pool, SqlStore } from '../../../src/domain/model.ts'
import { dangerousSwitches } from '../../../src/domain/cmdlet-text.ts'
import { isSameRow, remaining, waysThrough } from '../../../src/domain/procedures/order.ts'
import { procedureOf, procedureOfAll } from '../../../src/domain/procedures/procedures.ts'
import type { Row } from '../../../src/domain/procedures/row.ts'
import { fileStore, pool, sqlStore } from '../../support/desired.ts'
import { cluster, deploymentOf, frontEnds, group, mirrored } from './deployments.ts'

interface Loss {
  desired: Desired
  lost: readonly string[]
  isTakenOver: boolean
}

const kinds = ['none', 'mirror', 'group', 'cluster'] as const

function store(name: string, kind: (typeof kinds)[number]): SqlStore {
  const [one, two] = [`${name}-1.contoso.com`, `${name}-2.contoso.com`]
  switch (kind) {
    case 'none':
      return sqlStore(one)
    case 'mirror':
      return mirrored(one, two, 'witness.contoso.com')
    case 'group':
      return group(`${name}-listener.contoso.com`, one, two)
    case 'cluster':
      return cluster(`${name}-cluster.contoso.com`, one, two)
  }
}

const kind = fc.constantFrom(...kinds)

/** One or two pools, paired or not, with any store behind each role, and any machines lost. */
const losses: fc.Arbitrary<Loss> = fc
  .record({
    user: kind,
    archive: kind,
    chat: kind,
    ...{ isPaired: fc.boolean(), isCentral: fc.boolean(), isStandard: fc.boolean(), isCollocated: fc.boolean() },
    isStretched: fc.boolean(),
    product: fc.constantFrom('lync-server-2013' as const, 'skype-for-business-2019' as const),
    lost: fc.array(
      fc.constantFrom(
        ...['user-1', 'user-2', 'archive-1', 'archive-2', 'chat-1', 'chat-2', 'other-1', 'a-a', 'a-b', 'b-a', 'b-b'],
        ...['se', 'a', 'b', 'edge', 'fs', 'witness', 'rooms-1'],
      ),
      { minLength: 1, maxLength: 6 },
    ),
    isTakenOver: fc.boolean(),
  })
  .map(
    ({
      user,
      archive,
      chat,
      isPaired,
      isCentral,
      isStandard,
      isCollocated,
      isStretched,
      product,
      lost,
      isTakenOver,
    }) => {
      const userStore = store('user', user)
      const archiving = isCollocated ? userStore : store('archive', archive)
      const applications = ['response-group']
      const shared = fileStore(String.raw`\\fs.contoso.com\Lync`)
      const stores = { archiving, monitoring: archiving }
      const a: Pool = isStandard
        ? pool('se.contoso.com', 'standard-edition', {
            product,
            applications,
            stores: { user: sqlStore('se.contoso.com') },
          })
        : frontEnds('a', userStore, { product, applications, fileStore: shared, stores })
      const b: Pool = isStandard
        ? pool('b.contoso.com', 'standard-edition', { product, stores: { user: sqlStore('b.contoso.com') } })
        : frontEnds('b', store('other', 'none'), { product })
      const [one, other] = isPaired
        ? [
            { ...a, pairedWith: b.fqdn },
            { ...b, pairedWith: a.fqdn },
          ]
        : [a, b]
      const rooms = pool('rooms.contoso.com', 'persistent-chat', {
        servers: isStretched ? ['rooms-1.contoso.com', 'rooms-2.contoso.com'] : ['rooms.contoso.com'],
        stores: { persistentChat: store('chat', chat) },
      })
      const edge = pool('edge.contoso.com', 'edge')
      const desired = deploymentOf([one, other, rooms, edge], isCentral ? (a.stores.user ?? null) : null)
      return { desired, lost: lost.map((name) => `${name}.contoso.com`), isTakenOver }
    },
  )

function rowsOf({ desired, lost, isTakenOver }: Loss): Row[] {
  const [subject = '', ...others] = lost
  const isLost = (host: string): boolean => others.includes(host)
  const loss = lossOf(subject, desired, { isLost, isTakenOver: () => isTakenOver })
  return loss ? procedureOf(loss, desired, { copyOf: ({ kind: of }) => ({ file: `\\\\backup01\\${of}` }), isLost }) : []
}

/** All that is lost at once, whatever was asked about first. */
function rowsOfAll({ desired, lost, isTakenOver }: Loss): Row[] {
  const around = { isLost: () => false, isTakenOver: () => isTakenOver }
  const losses = lossesOf([...new Set(lost)], desired, () => around).filter((loss) => loss !== null)
  return procedureOfAll(losses, desired, {
    copyOf: ({ kind: of }) => ({ file: `\\\\backup01\\${of}` }),
    isLost: () => false,
  })
}

/** Everything that a row waits for, near and far. */
function before(row: Row, rows: readonly Row[], found = new Set<Row>()): Row[] {
  for (const one of rows) {
    if (found.has(one) || !row.needs.some((need) => isSameRow(need, one))) continue
    found.add(one)
    before(one, rows, found)
  }
  return [...found]
}

function always(holds: (rows: readonly Row[], all: readonly Row[]) => void): void {
  fc.assert(
    fc.property(losses, (loss) => {
      for (const rows of [rowsOf(loss), rowsOfAll(loss)])
        for (const way of waysThrough(rows)) holds(remaining(rows, way), rows)
    }),
    { numRuns: 200 },
  )
}

describe('on every way through a procedure', () => {
  test('a row needs only rows that are left and come before it', () => {
    always((rows) => {
      for (const [index, row] of rows.entries())
        for (const need of row.needs) {
          const at = rows.findIndex((one) => isSameRow(one, need))
          expect(at, `${row.id} needs ${need.id}`).toBeGreaterThanOrEqual(0)
          expect(at, `${row.id} needs ${need.id}`).toBeLessThan(index)
        }
    })
  })

  test('no row stands there twice', () => {
    always((rows) => {
      const names = rows.map(({ id, subject }) => `${id} ${subject}`)
      expect(names).toEqual([...new Set(names)])
    })
  })

  test('a database is restored before a mirror is made or it joins a group', () => {
    always((rows) => {
      const bound = rows.filter(({ id }) => id === 'create-mirror' || id === 'join-availability-group')
      for (const row of bound) {
        const own = rows.filter(
          ({ id, subject }) => id === 'restore-databases' && subject.startsWith(`${row.subject}/`),
        )
        const done = new Set(before(row, rows))
        expect(own.filter((one) => !done.has(one))).toEqual([])
      }
    })
  })

  test('the order of section 6.1: the store, shares and Back Ends before who lives on them', () => {
    always((rows) => {
      const waits = (row: Row): string[] => before(row, rows).map(({ id, subject }) => `${id} ${subject}`)
      for (const row of rows.filter(({ id }) => id === 'install-local-store')) {
        const done = waits(row)
        for (const { id, subject } of rows)
          if (['enable-topology', 'point-directory', 'import-configuration', 'restore-file-store'].includes(id))
            expect(done).toContain(`${id} ${subject}`)
      }
      for (const row of rows.filter(({ id }) => id === 'import-user-data')) {
        const done = waits(row)
        expect(done).toContain(`stop-services ${row.subject}`)
        for (const { id, subject } of rows) {
          const isOwn = id === 'start-server' && subject.startsWith(`${row.subject.split('.')[0] ?? ''}-`)
          if (isOwn || (id === 'reset-pool' && subject === row.subject)) expect(done).toContain(`${id} ${subject}`)
        }
      }
    })
  })

  test('a pool does not wait for the servers of another, nor for archives', () => {
    always((rows) => {
      for (const row of rows.filter(({ id }) => id === 'start-server' || id === 'stop-services')) {
        const isOfA = /^a[-.]/.test(row.subject)
        const done = before(row, rows)
        for (const { id, subject } of done) {
          if (id === 'rebuild-machine' && isOfA) expect(subject).not.toMatch(/^(b-|edge|rooms|se\.)/)
          if (id === 'start-server' && subject !== row.subject) expect(row.id).toBe('stop-services')
        }
      }
    })
  })

  test('-Clean stands behind the proof that the store is empty, and never after a failover', () => {
    always((rows, all) => {
      const clean = rows.filter(({ command }) => /\s-Clean\b/.test(command ?? ''))
      for (const row of clean) {
        expect(row.id).toBe('create-central-management-store')
        expect(before(row, rows).map(({ id }) => id)).toContain('prove-store-empty')
      }
      const fork = all.find(({ id }) => id === 'fail-over-central-management')
      if (!fork) return
      const choice = { fork: { id: fork.id, subject: fork.subject }, branch: 'failed-over' }
      for (const { id } of remaining(all, [choice]))
        expect(['create-central-management-store', 'point-directory', 'import-configuration']).not.toContain(id)
    })
  })

  test('after a failover of the pool no user data are imported, and without one none are failed back', () => {
    always((rows, all) => {
      if (!all.some(({ id }) => id === 'fail-over-pool')) return
      const ids = rows.map(({ id }) => id)
      expect(ids.includes('import-user-data')).toBe(!ids.includes('fail-back-pool'))
    })
  })

  test('after a failover of the rooms, none come from the set', () => {
    always((rows, all) => {
      if (!all.some(({ id }) => id === 'fail-over-chat')) return
      const ids = rows.filter(({ subject }) => subject.endsWith('/mgc')).map(({ id }) => id)
      expect(ids.includes('restore-databases')).toBe(!ids.includes('fail-back-chat'))
    })
  })

  test('what destroys is for the operator, with the risk told', () => {
    const danger = new RegExp(`\\s-(?:${dangerousSwitches.join('|')})\\b|FullReset`)
    always((rows) => {
      for (const { id, actor, command, risks } of rows)
        if (danger.test(command ?? '')) expect([id, actor, typeof risks]).toEqual([id, 'operator', 'string'])
    })
  })
})
