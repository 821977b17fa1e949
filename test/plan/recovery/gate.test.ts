/** The gate (design, section 7): each condition has its own refusal, and nothing that does not hold is passed over. */
import { assert, boolean, pre, property, subarray } from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { gates, isAcceptable, type Acceptable, type Gate } from '../../../src/domain/gate.ts'
import type { Acceptance } from '../../../src/domain/model.ts'
import { sqlStore, suspension } from '../../support/desired.ts'
import {
  after,
  database,
  good,
  lost,
  planned,
  restoring,
  run,
  runbook,
  server,
  together,
  type Change,
} from './rebuilt.ts'

const other = { kind: 'recovery-step' as const, id: 'another', subject: database, location: 'main' }
const inFlight = {
  ...{ ...other, recovery: 'q', step: 'restore-databases', set: null, lostSince: lost, accepts: [], request: null },
  ...{
    operation: { kind: 'stop-services' as const, servers: [] },
    cause: 'manual' as const,
    reason: 'Jim asked for it.',
  },
}
const flawed = { kind: 'sql-database' as const, subject: database }
const withoutIt = { ok: [{ kind: 'environment' as const, subject: 'contoso' }] }

const nothing = { conditions: [], findings: [], flags: [] }

interface Row {
  gate: Gate
  when: string
  change: Change
  /** What is refused beside it, because it cannot be otherwise. */
  beside?: Gate[]
  /** Of the acceptance that opens it. */
  subject?: string
  fact?: string
}

const rows: readonly Row[] = [
  // Without a Recovery nobody's word is known, so the steps before it are not done.
  { gate: 'not-declared', when: 'there is no Recovery', change: { recovery: null }, beside: ['step-waits'] },
  {
    ...{ gate: 'not-declared', when: 'it is for another server', beside: ['step-waits'] },
    change: { recovery: { server: 'pool01.contoso.com' } },
  },
  {
    ...{ gate: 'not-declared', when: 'it was finished', beside: ['step-waits'] },
    change: { recovery: { finished: { by: 'Jane', at: '2026-03-10T09:00:00.000Z', note: null } } },
  },
  { gate: 'only-guided', when: 'it only guides', change: { recovery: { run: 'guide' } } },
  {
    ...{ gate: 'git-out-of-sight', when: 'Git does not answer' },
    change: { git: { code: 'source-unreachable', message: 'The repository does not answer.', hint: null } },
  },
  { gate: 'git-out-of-sight', when: 'nobody has asked Git since the start', change: { git: 'never' } },
  {
    ...{ gate: 'suspended', when: 'a Suspension freezes it' },
    change: { suspensions: [suspension({ actions: ['recovery-step'], subjects: [server] })] },
  },
  { gate: 'step-waits', when: 'a step before it is not done', change: { unsaid: 'update-databases' } },
  { gate: 'restored-now', when: 'another step restores it', change: { memory: { inFlight: [inFlight] } } },
  { gate: 'never-seen-lost', when: 'it was never seen lost', change: { flag: { seen: ['unreachable', 'degraded'] } } },
  {
    ...{ gate: 'never-seen-lost', when: 'it was only seen half-built' },
    change: { flag: { seen: ['half-built'] } },
  },
  {
    ...{ gate: 'never-seen-lost', when: 'only a database beside it was' },
    change: { flag: { seen: ['half-built'], seenOf: [{ subject: `${server}/QoEMetrics`, seen: ['absent'] }] } },
  },
  {
    ...{ gate: 'database-older', when: 'the database is older than the loss', beside: ['step-waits'] },
    // One that is online is taken for what it is: the live one, of which nothing is to be restored.
    change: { database: { createdAt: '2026-03-10T09:59:59.000Z', state: 'SUSPECT' } },
  },
  {
    ...{ gate: 'database-missing', when: 'there is no database to fill', beside: ['step-waits'] },
    change: { databases: 'none' },
  },
  {
    ...{ gate: 'database-age-unknown', when: 'nobody tells when it was created', subject: database },
    change: { database: { createdAt: null } },
  },
  {
    ...{ gate: 'database-out-of-sight', when: 'its instance is silent' },
    change: { databases: 'silent', memory: { standing: { ...nothing, runbooks: planned().runbooks } } },
  },
  {
    ...{ gate: 'database-age-unknown', when: 'it is dated ahead of now', subject: database },
    change: { database: { createdAt: '2026-03-10T12:05:01.000Z' } },
  },
  {
    ...{ gate: 'database-age-unknown', when: 'the clock of its server is ahead', subject: database },
    change: { clock: 'ahead' },
  },
  {
    ...{ gate: 'database-age-unknown', when: 'the clock of its server is behind', subject: database },
    change: { clock: 'behind' },
  },
  {
    gate: 'database-mirrored',
    when: 'it is in a mirroring session',
    change: { database: { mirroringRole: 'PRINCIPAL' } },
  },
  { gate: 'database-mirrored', when: 'it is in a group', change: { database: { replicaRole: 'PRIMARY' } } },
  {
    ...{ gate: 'database-encrypted', when: 'the certificate of its copy is not there' },
    change: { encryptor: 'AB12', encryptors: ['CD34'] },
  },
  {
    ...{ gate: 'certificate-unseen', when: 'the certificates are not shown', subject: database },
    change: { encryptor: 'AB12', encryptors: null },
  },
  {
    ...{ gate: 'certificate-unseen', when: 'which certificate is not recorded', subject: database },
    change: { record: { [database.toUpperCase()]: { encrypted: 'yes' } }, encryptors: ['AB12'] },
  },
  { gate: 'copy-missing', when: 'no set holds it', change: { set: withoutIt } },
  {
    ...{ gate: 'copy-missing', when: 'it was taken while the server was flagged' },
    change: { set: { ...withoutIt, flawed: [{ ...flawed, outcome: 'suspect', code: 'flagged' }] } },
  },
  { gate: 'copy-missing', when: 'nobody vouches for its set', change: { set: { unvouched: true } } },
  {
    ...{ gate: 'instance-changed', when: 'it was backed up from another instance' },
    // What is different is told beside, and may be accepted by itself.
    beside: ['copy-missing', 'environment-changed', 'step-waits'],
    change: {
      set: { ok: [{ ...flawed, subject: `${server}\\archive/LcsLog` }] },
      record: { 'pool01.contoso.com': { archivingStore: `${server}\\archive` } },
    },
  },
  { gate: 'copy-out-of-sight', when: 'its share does not answer', change: { location: 'silent' } },
  {
    ...{ gate: 'copy-incomplete', when: 'the copy has a gap', subject: database },
    change: { set: { ok: [], flawed: [{ ...flawed, outcome: 'suspect', missing: { count: 1, names: ['a.log'] } }] } },
  },
  { gate: 'set-not-verified', when: 'its set was never proved', change: { set: { verified: {} } } },
  {
    ...{ gate: 'set-not-verified', when: 'only its checksums were' },
    change: { set: { verified: { checksum: '2026-03-10T03:00:00.000Z' } } },
  },
  {
    ...{ gate: 'product-changed', when: 'the product is another', subject: 'contoso', fact: 'product' },
    // A look at the surroundings says the same.
    beside: ['step-waits'],
    change: { record: { contoso: { product: 'lync-server-2010' } } },
  },
  {
    ...{ gate: 'sql-version-older', when: 'SQL Server is older' },
    change: { record: { [server]: { version: '13.0.1601.5' } } },
    beside: ['step-waits'],
  },
  {
    ...{ gate: 'environment-changed', when: 'the edition is another', subject: server, fact: 'SQL Server edition' },
    beside: ['step-waits'],
    change: { record: { [server]: { edition: 'Enterprise Edition' } } },
  },
  { gate: 'environment-unknown', when: 'no set tells how it was', subject: database, change: { record: null } },
]

/** Told by the view, which finds no runbook; and by what restores, which counts the rows when it opens the database. */
const elsewhere: readonly Gate[] = ['not-flagged', 'rows-since-rebuild', 'import-came-short']
const ofFileStores: readonly Gate[] = ['path-changed']
/** `pairs.test.ts`. */
const ofPairs: readonly Gate[] = [
  ...(['way-not-chosen', 'partner-not-serving', 'served-by-partner', 'came-from-partner'] as const),
  ...(['pool-not-active', 'serving-pool-unseen'] as const),
]

const names = (change: Change): Gate[] => run(planned(change)).refused.map(({ gate }) => gate)
const sorted = (list: readonly Gate[]): Gate[] => [...list].sort()

function word(gate: Gate, more: Partial<Acceptance> = {}): Acceptance {
  return { what: gate as Acceptable, subject: null, fact: null, by: 'Jane', at: after, note: null, ...more }
}
const accepting = (change: Change, ...accept: Acceptance[]): Change => together([change, { recovery: { accept } }])

test('where everything holds nothing is refused, and one action is due', () => {
  const made = planned()
  expect(run(made).refused).toEqual([])
  expect(restoring(made)).toEqual([
    {
      ...{ kind: 'recovery-step', id: run(made).action, subject: database, location: 'main', recovery: 'r', server },
      ...{ step: 'restore-databases', set: good, lostSince: lost, accepts: [], request: null },
      operation: { kind: 'restore-item', item: { kind: 'sql-database', subject: database } },
      ...{ cause: 'intentional', reason: 'Recovery r asks for it.' },
    },
  ])
})

test('every name has a row', () => {
  expect(sorted([...new Set(rows.map(({ gate }) => gate)), ...elsewhere, ...ofFileStores, ...ofPairs])).toEqual(
    sorted(gates),
  )
})

describe.each(rows)('$gate: $when', ({ gate, change, beside = [], subject, fact }) => {
  it('is refused alone, and nothing is due', () => {
    const made = planned(change)
    expect(sorted(run(made).refused.map((one) => one.gate))).toEqual(sorted([gate, ...beside]))
    expect(restoring(made)).toEqual([])
    const told = run(made).refused.find((one) => one.gate === gate)
    const wanted = isAcceptable(gate) ? { what: gate, subject, ...(fact && { fact }) } : undefined
    expect(told?.accept).toEqual(wanted)
  })

  it('is opened by a word on exactly that, or by none', () => {
    const exact = { fact: fact ?? null }
    for (const one of [word(gate, exact), word(gate, { subject: subject ?? database, ...exact })]) {
      const made = planned(accepting(change, one))
      expect(
        run(made)
          .refused.map((left) => left.gate)
          .includes(gate),
      ).toBe(!isAcceptable(gate))
      expect(restoring(made)).toHaveLength(isAcceptable(gate) ? 1 : 0)
    }
  })

  it('is not opened by a word on something else', () => {
    const others: Acceptance[] = [
      ...gates.filter((name) => name !== gate).map((name) => word(name, { fact: fact ?? null })),
      word(gate, { subject: 'pool02.contoso.com', fact: fact ?? null }),
      word(gate, { fact: fact === undefined ? 'DNS' : null }),
      word(gate, { fact: 'SIP domains' }),
      word(gate, { fact: fact ?? null, at: '2026-03-10T09:59:59.000Z' }),
      word(gate, { fact: fact ?? null, at: '2026-03-10T12:00:01.000Z' }),
    ]
    expect(names(accepting(change, ...others))).toContain(gate)
    expect(restoring(planned(accepting(change, ...others)))).toEqual([])
  })
})

describe('a database whose copy', () => {
  it.each<[string, Change]>([
    ['is encrypted, where its certificate is', { encryptor: 'AB12', encryptors: ['CD34', 'ab12'] }],
    ['is not encrypted', { encryptors: [], record: { [database]: { encrypted: 'no' } } }],
    ['is not known to be encrypted, and certificates are not shown', { encryptors: null }],
    ['was recorded beside one that is', { encryptors: null, record: { [`${server}/LcsCDR`]: { encrypted: 'yes' } } }],
  ])('%s, is restored', (_, change) => {
    expect(names(change)).toEqual([])
    expect(restoring(planned(change))).toHaveLength(1)
  })

  it('is encrypted, and whose server is silent: whether it opens there is not known either', () => {
    const runbooks = { memory: { standing: { ...nothing, runbooks: planned().runbooks } } }
    expect(names({ encryptor: 'AB12', databases: 'silent', ...runbooks })).toEqual([
      'database-out-of-sight',
      'certificate-unseen',
    ])
  })
})

test('what was lost by itself on a server that was not is restored, and nothing else', () => {
  const seenOf = [{ subject: database.toUpperCase(), seen: ['absent'] as const }]
  expect(names({ flag: { seen: ['half-built'], seenOf } })).toEqual([])
  const [told, ...others] = run(planned({ flag: { seen: ['half-built'] } })).refused
  expect(told?.message).toBe(
    `Since ${lost} Holdfast has seen ${server}, and of it ${database}, neither absent nor clean: it may hold what it held.`,
  )
  expect(others).toEqual([])
})

describe('a word from before the server was lost once more', () => {
  const again: Change = { flag: { lostAgainAt: '2026-03-10T10:30:00.000Z' } }

  it.each(rows.filter(({ gate }) => isAcceptable(gate)))('opens nothing: $gate, when $when', (row) => {
    const { gate, change, fact = null } = row
    const said = (at: string): Change => accepting(together([change, again]), word(gate, { fact, at }))
    for (const at of ['2026-03-10T10:29:59.000Z', '2026-03-10T10:30:00.000Z']) {
      expect(names(said(at))).toContain(gate)
      expect(restoring(planned(said(at)))).toEqual([])
    }
    expect(restoring(planned(said(after)))).toHaveLength(1)
  })
})

describe('what nobody can accept is refused, whatever else Git accepts beside it:', () => {
  const facts = [null, ...rows.flatMap(({ fact }) => fact ?? [])]
  const everything = facts.flatMap((fact) => gates.map((gate) => word(gate, { fact })))

  it.each(rows.filter(({ gate }) => !isAcceptable(gate) && gate !== 'not-declared'))('$gate, when $when', (row) => {
    expect(names(accepting(row.change, ...everything))).toContain(row.gate)
    expect(restoring(planned(accepting(row.change, ...everything)))).toEqual([])
  })
})

describe('user data, which an import brings back,', () => {
  const pool = 'pool01.contoso.com'
  const imported = (change: Change) => run(planned({ role: 'user', ...change }), 'import-user-data', pool).refused
  const waits = { gate: 'step-waits', message: `It waits for stop-services of ${pool}.` }

  it('fill the database of the users: one that is older than the loss is taken for the live one', () => {
    expect(imported({})).toEqual([waits])
    expect(imported({ rtcxds: { createdAt: '2026-03-10T09:00:00.000Z' } })).toEqual([
      waits,
      {
        ...{ gate: 'database-older' },
        message: `${server}/rtcxds was created at 2026-03-10T09:00:00.000Z, before the loss at ${lost}: it may be the live one.`,
      },
    ])
  })

  it('may lie in a mirroring session: only a RESTORE is refused there', () => {
    expect(imported({ rtcxds: { mirroringRole: 'PRINCIPAL' } })).toEqual([waits])
  })

  it('never come from the export of an idle pool, whatever is accepted', () => {
    const flaw = { kind: 'user-data', subject: pool, outcome: 'suspect', code: 'item-suspect' } as const
    const accept = gates.map((gate) => word(gate))
    expect(imported({ recovery: { accept }, set: { ...withoutIt, flawed: [flaw] } })).toMatchObject([
      waits,
      { gate: 'copy-missing', message: `No set that can be used holds user-data of ${pool}.` },
    ])
  })
})

describe('locations, which merge with what is there,', () => {
  const centralStore = sqlStore(server, '')
  const imported = (change: Change) =>
    run(planned({ centralStore, ...change }), 'import-locations', 'contoso').refused.filter(({ gate }) =>
      gate.startsWith('database-'),
    )

  it('go into a database that is there, however old it is', () => {
    expect(imported({ alsoThere: ['lis'], database: { createdAt: '2026-03-10T09:00:00.000Z' } })).toEqual([])
    expect(imported({})).toEqual([{ gate: 'database-missing', message: `${server} has no database lis to fill.` }])
  })

  it('go into one that nobody can see only where that is accepted', () => {
    const unseen: Change = { databases: 'silent' }
    expect(imported(unseen)).toMatchObject([{ gate: 'database-age-unknown' }])
    const accept = [word('database-age-unknown', { subject: `${server}/lis` })]
    expect(imported({ ...unseen, recovery: { accept } })).toEqual([])
  })

  it('go where Active Directory points: the store may have been failed over, and Git names the lost one', () => {
    const there: Change = { alsoThere: ['lis'] }
    expect(imported({ ...there, pointsAt: server })).toEqual([])
    expect(imported({ ...there, pointsAt: 'sql98.contoso.com' })).toMatchObject([
      { gate: 'database-age-unknown', accept: { subject: 'sql98.contoso.com/lis' } },
    ])
  })
})

describe('the services of a pool', () => {
  const pool = 'pool01.contoso.com'
  const words = planned({ role: 'user' }).runbooks.flatMap(({ steps }) => steps.map(({ id }) => id))
  const acknowledge = words.map((step) => ({ step, subject: null, by: 'Jane', at: after, note: null }))
  const stopping = (change: Change) => planned(together([{ role: 'user', recovery: { acknowledge } }, change]))
  const isDue = (change: Change): boolean => restoring(stopping(change)).some(({ step }) => step === 'stop-services')

  it('are stopped for an import that may come', () => {
    expect(run(stopping({}), 'stop-services', pool).refused).toEqual([])
    expect(isDue({})).toBe(true)
  })

  it.each<[Gate, Change]>([
    ['database-older', { rtcxds: { createdAt: '2026-03-10T09:00:00.000Z' } }],
    ['database-age-unknown', { rtcxds: { createdAt: null } }],
    ['copy-missing', { set: withoutIt }],
    ['set-not-verified', { set: { verified: {} } }],
    ['copy-out-of-sight', { location: 'silent' }],
    ['environment-unknown', { record: null }],
  ])('are not stopped for one that would be refused: %s', (gate, change) => {
    expect(run(stopping(change), 'stop-services', pool).refused.map((one) => one.gate)).toContain(gate)
    expect(isDue(change)).toBe(false)
  })
})

describe('a file store', () => {
  const [before, share] = [`\\\\${server}\\LyncShare`, `\\\\${server}\\Elsewhere`]
  const pool = 'pool01.contoso.com'
  const restored = (change: Change) => run(planned({ share, ...change }), 'restore-file-store', share).refused
  const copyOf = (subject: string): Change => ({ set: { ok: [...withoutIt.ok, { kind: 'file-store', subject }] } })
  const missing = { gate: 'copy-missing', message: `No set that can be used holds file-store of ${share}.` }
  const recorded = { record: { [pool]: { fileStore: before } } }
  const withoutCopies: Change = { set: withoutIt }

  it('goes back to the path that it was backed up from, whatever is accepted', () => {
    const accept = gates.map((gate) => word(gate))
    const told = restored({ recovery: { accept }, ...recorded, ...copyOf(before) })
    expect(told).toContainEqual(missing)
    expect(told).toContainEqual({
      gate: 'path-changed',
      message: `${good} holds it of ${pool} as ${before}, and the topology now says ${share}: a restore goes to the same path only.`,
    })
  })

  it('is not restored while its share, which was seen, cannot be looked at', () => {
    const [shared] = runbook(planned({ share })).steps.filter(({ id }) => id === 'share-file-store')
    const was = (how: 'seen' | 'nobody'): Change => {
      const steps = shared && how === 'seen' ? [{ ...shared, state: 'done', proof: { how } } as const] : []
      const runbooks = [{ ...runbook(planned({ share })), steps }]
      return { unsaid: 'share-file-store', memory: { standing: { ...nothing, runbooks } } }
    }
    const waits = (change: Change): string[] =>
      restored(change).flatMap(({ gate, message }) => (gate === 'step-waits' ? [message] : []))
    expect(waits(was('seen'))).toEqual([
      expect.stringMatching(
        /^It waits for a look: share-file-store of .* was done when it was last seen, before .*\.$/,
      ),
    ])
    expect(waits(was('nobody'))).toEqual([`It waits for share-file-store of ${share}.`])
  })

  it('goes to no path that the published topology gives to none of its pools, whatever is accepted', () => {
    const accept = gates.map((gate) => word(gate))
    const told = (published: string | null): string[] =>
      restored({ recovery: { accept }, published, ...copyOf(share) })
        .filter(({ gate }) => gate === 'path-changed')
        .map(({ message }) => message)
    expect(told(before)).toEqual([
      `The published topology gives ${pool} the file store ${before}, and Git says ${share}: a restore goes to the same path only. Publish it as it was.`,
    ])
    expect([told(share.toUpperCase()), told(null)]).toEqual([[], []])
  })

  it('has no other path where nothing says that it was that of the pool, or a copy is of its own path', () => {
    const changed = (change: Change) => restored(change).some(({ gate }) => gate === 'path-changed')
    expect(changed(copyOf(before))).toBe(false)
    expect(changed({ ...recorded, ...withoutCopies })).toBe(false)
    expect(changed({ ...recorded, ...copyOf(share) })).toBe(false)
  })
})

test('all reasons are told at once', () => {
  const wrong: Change = { recovery: { run: 'guide' }, set: { verified: {} }, database: { mirroringRole: 'PRINCIPAL' } }
  expect(run(planned(wrong)).refused).toMatchObject([
    { gate: 'only-guided', message: 'Recovery r says run: guide.' },
    {
      ...{ gate: 'database-mirrored' },
      message: `${database} is in a mirroring session, and a restore comes before that. Take the database out first.`,
    },
    { gate: 'set-not-verified', message: `${good} is not verified at level content yet.` },
  ])
})

test('whatever does not hold, a step is due only if all of that was accepted by name', () => {
  assert(
    property(subarray([...rows], { maxLength: 5 }), boolean(), (broken, accepted) => {
      // A silent instance does not tell of a session either: who restores asks it again.
      const isSilent = broken.some(({ change }) => change.databases === 'silent')
      pre(!isSilent || !broken.some(({ gate }) => gate === 'database-mirrored' || gate === 'database-missing'))
      // Of two that say what the set holds, the later would undo the other.
      pre(broken.filter(({ change }) => change.set?.ok !== undefined).length <= 1)
      // Where no set tells how it was, nothing is known to be different.
      pre(broken.every(({ change }) => change.record !== null) || broken.every(({ change }) => !change.record))
      pre(broken.every(({ change }) => change.record !== null) || broken.every(({ change }) => !change.encryptor))
      // Of two that say what opens backups, too.
      pre(broken.filter(({ change }) => change.encryptors !== undefined).length <= 1)
      const accept = accepted ? broken.map(({ gate, fact }) => word(gate, { fact: fact ?? null })) : []
      const isOpen = broken.every(({ gate }) => accepted && isAcceptable(gate))
      const made = planned(accepting(together(broken.map(({ change }) => change)), ...accept))
      expect(restoring(made)).toHaveLength(isOpen ? 1 : 0)
    }),
    { numRuns: 150 },
  )
})

test('where the Central Management store is concerns its own restore alone', () => {
  const record = { contoso: { centralManagementStore: String.raw`sql99.contoso.com\rtc` } }
  expect(names({ record, centralStore: sqlStore('sql98.contoso.com') })).toEqual([])
})

test('clocks may differ by five minutes', () => {
  expect(names({ database: { createdAt: '2026-03-10T12:05:00.000Z' } })).toEqual([])
})
