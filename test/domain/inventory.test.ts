import { describe, expect, it } from 'vitest'
import { isRequired, requiredItems, wholeRun } from '../../src/domain/inventory.ts'
import type { BackupPolicy, Desired } from '../../src/domain/model.ts'
import { objectives } from '../../src/domain/objectives.ts'
import { desiredState, fileStore, policy, pool, sqlStore } from '../support/desired.ts'

const listed = (desired: Desired, one: BackupPolicy = policy()): string[] =>
  requiredItems(desired, one).map(({ kind, subject }) => `${kind} ${subject}`)

const always = ['configuration contoso', 'location-information contoso', 'environment contoso']

// A deployment with everything that section 3 of the domain reference knows, the expected list written by hand from it.
const archiving = sqlStore('sql03.contoso.com', 'arch')
const monitoring = sqlStore('sql03.contoso.com', 'mon')
const chat = sqlStore('sql04.contoso.com', '')
const backEnd = sqlStore('sql01.contoso.com')
const full = desiredState({
  pools: [
    pool('pool01.contoso.com', 'front-end', {
      servers: ['fe01.contoso.com', 'fe02.contoso.com', 'fe03.contoso.com'],
      applications: ['response-group', 'call-park', 'conferencing-attendant'],
      stores: { user: backEnd, archiving, monitoring },
    }),
    pool('pool02.contoso.com', 'front-end', { stores: { user: sqlStore('sql02.contoso.com'), archiving, monitoring } }),
    pool('se01.contoso.com', 'standard-edition', { applications: ['response-group'] }),
    pool('dir.contoso.com', 'director'),
    pool('edge.contoso.com', 'edge'),
    pool('med.contoso.com', 'mediation'),
    pool('chat.contoso.com', 'persistent-chat', { stores: { persistentChat: chat, compliance: chat } }),
    pool('apps.contoso.com', 'trusted-application'),
    pool('old.contoso.com', 'unsupported', { applications: ['response-group'], stores: { archiving: backEnd } }),
  ],
  sqlStores: [backEnd, archiving, monitoring, chat],
  fileStores: [
    fileStore('\\\\fs01.contoso.com\\Share', { name: 'fs01' }),
    fileStore('\\\\contoso.com\\dfs', { name: 'unreferenced' }),
    fileStore('\\\\FS01.contoso.com\\share', { name: 'fs01-again' }),
  ],
})

describe('what a whole run takes besides', () => {
  const record = { kind: 'directory-record', subject: 'contoso' } as const
  const taken = (include: BackupPolicy['include']): unknown[] =>
    wholeRun(full, policy('nightly', { include })).filter(({ kind }) => kind === 'directory-record')

  it('is the record of the directory, after the environment, which no set must hold', () => {
    expect(wholeRun(full, policy()).slice(2, 4)).toEqual([{ kind: 'environment', subject: 'contoso' }, record])
    expect(wholeRun(full, policy()).filter(isRequired)).toEqual(requiredItems(full, policy()))
    expect(isRequired(record)).toBe(false)
  })

  it('is left out where the policy names other kinds', () => {
    expect(taken({ kinds: ['directory-record'], pools: [], stores: [] })).toEqual([record])
    expect(taken({ kinds: ['file-store'], pools: [], stores: [] })).toEqual([])
  })
})

describe('what a set must hold', () => {
  it('of a whole deployment', () => {
    expect(listed(full)).toEqual([
      ...always,
      'user-data pool01.contoso.com',
      'user-data pool02.contoso.com',
      'user-data se01.contoso.com',
      'response-groups pool01.contoso.com',
      'response-groups se01.contoso.com',
      'call-park pool01.contoso.com',
      'sql-database sql03.contoso.com\\arch/LcsLog',
      'sql-database sql03.contoso.com\\mon/LcsCDR',
      'sql-database sql03.contoso.com\\mon/QoEMetrics',
      'sql-database sql04.contoso.com/mgc',
      'file-store \\\\contoso.com\\dfs',
      'file-store \\\\fs01.contoso.com\\Share',
    ])
  })

  it('never asks for databases whose documented source is their export, or that are transient', () => {
    const text = listed(full).join('\n')
    expect(text).not.toMatch(/rtcxds|rtcshared|rtcab|\bxds\b|\blis\b|rgsconfig|rgsdyn|cpsdyn|mgccomp/)
  })

  it('takes Persistent Chat by cmdlet where the policy says so', () => {
    const items = listed(full, policy('nightly', { persistentChat: 'cmdlet' }))
    expect(items).toContain('persistent-chat sql04.contoso.com/mgc')
    expect(items).not.toContain('sql-database sql04.contoso.com/mgc')
  })

  it('knows no Persistent Chat from 2019 on', () => {
    const product = 'skype-for-business-2019'
    const modern = desiredState({
      pools: [pool('chat.contoso.com', 'persistent-chat', { product, stores: { persistentChat: chat } })],
    })
    expect(listed(modern)).toEqual(always)
  })

  it('depends on no order', () => {
    const turned = { ...full, pools: full.pools.toReversed(), fileStores: full.fileStores.slice(0, 2).toReversed() }
    expect(listed(turned)).toEqual(listed({ ...full, fileStores: full.fileStores.slice(0, 2) }))
  })
})

describe('include', () => {
  const chosen = (include: Partial<NonNullable<BackupPolicy['include']>>): string[] =>
    listed(full, policy('some', { include: { kinds: [], pools: [], stores: [], ...include } }))

  it.each([
    [
      'kinds',
      { kinds: ['file-store' as const] },
      ['file-store \\\\contoso.com\\dfs', 'file-store \\\\fs01.contoso.com\\Share'],
    ],
    ['pools', { pools: ['SE01.contoso.com'] }, ['user-data se01.contoso.com', 'response-groups se01.contoso.com']],
    ['stores', { stores: ['SQL03-arch'] }, ['sql-database sql03.contoso.com\\arch/LcsLog']],
    ['a file store', { stores: ['unreferenced'] }, ['file-store \\\\contoso.com\\dfs']],
    [
      'any of the lists',
      { kinds: ['call-park' as const], stores: ['unreferenced'] },
      ['call-park pool01.contoso.com', 'file-store \\\\contoso.com\\dfs'],
    ],
  ])('by %s holds what is named, and always the environment', (_name, include, items) => {
    expect(chosen(include)).toEqual(['environment contoso', ...items])
  })
})

describe('objectives', () => {
  it('are the strictest of all policies that hold the item', () => {
    const include = { kinds: ['file-store' as const], pools: [], stores: [] }
    const rows = objectives({
      ...full,
      policies: [
        policy('nightly', { recoveryPointObjectiveSeconds: 86_400 }),
        policy('often', { include, recoveryPointObjectiveSeconds: 14_400 }),
        policy('loose', { include }),
      ],
    })
    const row = (kind: string) => rows.find(({ item }) => item.kind === kind)
    expect(row('file-store')).toMatchObject({ seconds: 14_400, policy: 'often' })
    expect(row('user-data')).toMatchObject({ seconds: 86_400, policy: 'nightly' })
    expect(rows).toHaveLength(listed(full).length)
  })

  it('are none where no policy sets one', () => {
    expect(objectives(desiredState()).map(({ seconds }) => seconds)).toEqual([null, null, null, null])
  })
})
