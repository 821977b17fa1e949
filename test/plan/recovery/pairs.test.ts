/** What the gate asks where one pool of a pair works for the other one (domain reference, sections 6.14 and 7). */
import { beforeAll, describe, expect, test } from 'vitest'
import type { Attempt } from '../../../src/domain/action.ts'
import type { Facts } from '../../../src/domain/facts.ts'
import { lossOf } from '../../../src/domain/loss/loss.ts'
import type { Choice, Desired, Recovery } from '../../../src/domain/model.ts'
import { procedureOf } from '../../../src/domain/procedures/procedures.ts'
import type { Step } from '../../../src/domain/runbook.ts'
import { digestOf } from '../../../src/plan/digest-of.ts'
import { chosenCopies } from '../../../src/plan/recovery/chosen-copies.ts'
import { actionId } from '../../../src/plan/due/hash.ts'
import { poolEvidence } from '../../../src/plan/recovery/evidence/stores-and-pools.ts'
import type { Ground } from '../../../src/plan/recovery/evidence/sighting.ts'
import { refusalsOf } from '../../../src/plan/recovery/gate.ts'
import { recoveryGround } from '../../../src/plan/recovery/ground.ts'
import { contoso } from '../../support/contoso.ts'
import { memory, notSeen, seen } from '../../support/observed.ts'
import { healthyServers, observe } from '../../support/servers.ts'

const now = '2026-03-10T12:00:00.000Z'
const lost = '2026-03-10T11:00:00.000Z'
const later = '2026-03-10T11:30:00.000Z'
const [pool, partner, backEnd] = ['pool01.contoso.com', 'pool02.contoso.com', 'sql01.contoso.com']
const ownStores = ['sql01.contoso.com', 'sql02.contoso.com']
const ofPartner = ['fe11.contoso.com', 'fe12.contoso.com', 'sql11.contoso.com', 'sql12.contoso.com']

let desired: Desired
beforeAll(async () => {
  const whole = await contoso()
  // The Central Management store is elsewhere: this is about pools.
  desired = { ...whole, deployment: { ...whole.deployment, centralManagementStore: null } }
})

interface Given {
  state?: string
  ofPartner?: string
  /** Nobody tells which pool serves. */
  silent?: true
  /** Machines that are lost beside the Back End. */
  lost?: readonly string[]
  /** What `Get-CsPoolBackupRelationship` names. */
  names?: string | null
  /** The backup service of the partner does not answer. */
  mute?: true
  choose?: Partial<Choice>[]
  written?: string | null
  /** Holdfast failed the pool back, of the loss that began then. */
  failedBackSince?: string
  /** The database of its users is of after that. */
  madeAnew?: true
}

const modules: Facts['pairing']['modules'] = []

function ground({ state = 'FailedOver', ofPartner: other = 'Active', ...given }: Given): Ground {
  const pools = desired.pools.map((one) =>
    one.fqdn === pool && given.written !== undefined ? { ...one, pairedWith: given.written } : one,
  )
  const written = { ...desired, pools }
  const world = healthyServers(written)
  for (const { databases } of given.madeAnew ? world.instances.values() : [])
    for (const one of databases) one.createdAt = '2026-03-10T11:45:00.000Z'
  const observed = observe(world, now)
  const facts = observed.facts as unknown as Record<string, Map<string, unknown>>
  const states = [
    { fqdn: pool, state },
    { fqdn: partner, state: other },
  ]
  facts['poolStates']?.set(
    'contoso',
    given.silent ? notSeen('contoso', 'no answer') : seen('contoso', { pools: states }, now),
  )
  const named = given.names === undefined ? partner : given.names
  facts['pairing']?.set(pool, seen(pool, { partner: named, modules }, now))
  facts['pairing']?.set(
    partner,
    given.mute
      ? { ...notSeen(partner, 'no answer'), at: now, since: now }
      : seen(partner, { partner: pool, modules }, now),
  )
  const flag = {
    subject: backEnd,
    scenario: 'back-end',
    reason: '',
    since: lost,
    evidence: [],
    seen: ['absent'],
  } as const
  const standing = { conditions: [], findings: [], flags: [flag], runbooks: [] }
  const { failedBackSince: since } = given
  const ranSteps = since === undefined ? [] : [failedBack(since)]
  const digest = digestOf(written, observed, memory({ standing, ranSteps }), now)
  const isLost = (host: string): boolean => ownStores.includes(host) || given.lost?.includes(host) === true
  const loss = lossOf(backEnd, written, { isLost, isTakenOver: () => false })!
  const recovery = recoveryGround(digest, [flag], chosenCopies('latest', digest))
  return { digest, flag, loss, recovery, environment: null, accepts: [], isLost }
}

function failedBack(since: string): Attempt {
  const action = actionId('recovery-step', pool, ['fail-back-pool', since, null])
  return {
    ...{ action, kind: 'recovery-step', subject: pool, slot: null, outcome: 'done', message: null, set: null },
    ...{ startedAt: lost, endedAt: later, request: null },
  }
}

const chosen: Choice = {
  step: 'fail-over-pool',
  subject: pool,
  branch: 'failed-over',
  by: 'Jane',
  at: later,
  note: null,
}

/** Gates and messages that stand against a step whose turn it is, for the sake of the pair. */
function against(id: string, given: Given): string[] {
  const found = ground(given)
  const { loss, isLost } = found
  const isFailedOver = (): boolean => given.state !== 'Active'
  const rows = procedureOf(loss, found.digest.desired, { copyOf: () => null, isLost, isFailedOver })
  const steps = rows.map((row) => ({ ...row, state: 'ready' as const, since: lost, isAcknowledgeable: true }))
  const row = rows.find((one) => one.id === id)!
  const step = steps.find((one) => one.id === id)!
  const choose = (given.choose ?? [{}]).map((one) => ({ ...chosen, ...one }))
  const recovery = { name: 'r', run: 'holdfast', accept: [], acknowledge: [], choose } as unknown as Recovery
  return refusalsOf({ row, step, steps, ground: found, recovery })
    .filter(({ gate }) => /way|partner|pool/.test(gate))
    .map(({ gate, message, accept }) => `${gate}${accept ? ` (accept ${accept.fact ?? 'it'})` : ''}: ${message}`)
}

describe('a failback', () => {
  test('is run where Git names the way, the partner serves and its backup service tells how it is', () => {
    expect(against('fail-back-pool', {})).toEqual([])
    expect(against('fail-back-pool', { state: 'FailingBack' })).toEqual([])
  })

  test.each<[string, Partial<Choice>[]]>([
    ['nobody chose', []],
    ['the other way was chosen', [{ branch: 'from-set' }]],
    ['it was chosen for another pool', [{ subject: 'pool09.contoso.com' }]],
    ['another fork was', [{ step: 'fail-over-central-management' }]],
    ['it was chosen before the loss', [{ at: '2026-03-10T10:59:59.000Z' }]],
    ['it will be chosen', [{ at: '2026-03-10T12:00:01.000Z' }]],
  ])('is not run where %s', (_, choose) => {
    expect(against('fail-back-pool', { choose })).toEqual([
      'way-not-chosen: Recovery r does not choose failed-over of fail-over-pool: Holdfast runs this only where Git names it.',
    ])
  })

  test('a word without a subject is for the only pool that is lost', () => {
    expect(against('fail-back-pool', { choose: [{ subject: null }] })).toEqual([])
  })

  test.each<[string, Given, string]>([
    [
      'the partner is lost',
      { lost: ofPartner },
      'pool02.contoso.com is lost too. Where it does not come back with what users wrote there, choose from-set',
    ],
    [
      'its Back Ends are',
      { lost: ofPartner.slice(2) },
      'pool02.contoso.com is lost too. Where it does not come back with what users wrote there, choose from-set',
    ],
    ['the partner is failed over itself', { ofPartner: 'FailedOver' }, 'pool02.contoso.com is FailedOver itself.'],
    ['nobody tells who serves', { silent: true }, 'Which pool serves is not seen now.'],
    ['its backup service is mute', { mute: true }, 'The backup service of pool02.contoso.com does not tell: no answer'],
    [
      'the failover has not ended',
      { state: 'FailingOver' },
      'pool01.contoso.com is FailingOver: its failover has not ended.',
    ],
    [
      'the state is a word that nobody knows',
      { state: 'Dozing' },
      'pool01.contoso.com is Dozing, a state that nobody knows.',
    ],
    [
      'the deployment pairs it with another pool',
      { names: 'pool09.contoso.com' },
      'Git pairs pool01.contoso.com with pool02.contoso.com, and the deployment names pool09.contoso.com.',
    ],
    [
      'the deployment does not pair it',
      { names: null },
      'Git pairs pool01.contoso.com with pool02.contoso.com, and the deployment names no partner of it.',
    ],
  ])('is not run where %s', (_, given, why) => {
    const [told, ...others] = against('fail-back-pool', given)
    expect(told?.startsWith(`partner-not-serving: ${why}`), told).toBe(true)
    expect(told?.endsWith(` Nothing is fetched from ${partner}.`), told).toBe(true)
    expect(others).toEqual([])
  })
})

describe('user data are not imported from a set', () => {
  test.each<[string, Given, string]>([
    [
      'where the partner serves',
      {},
      'served-by-partner: pool01.contoso.com is FailedOver: pool02.contoso.com serves its users, and what they wrote there is newer than any set. It comes back by Invoke-CsPoolFailback.',
    ],
    [
      'where a partner serves that Git does not know',
      { written: null },
      'served-by-partner: pool01.contoso.com is FailedOver: pool02.contoso.com serves its users, and what they wrote there is newer than any set. It comes back by Invoke-CsPoolFailback. Git does not know the pair: write pairedWith into both pools.',
    ],
    [
      'where it is failed over and the partner is lost too, but by name',
      { lost: ofPartner },
      'pool-not-active (accept FailedOver): pool01.contoso.com is FailedOver: its users are sent to pool02.contoso.com, which is lost too. Whoever accepts this gives up what they wrote there since.',
    ],
    [
      'where nobody tells which of them serves, but by name',
      { silent: true },
      'serving-pool-unseen (accept it): Whether pool01.contoso.com or pool02.contoso.com serves the users of pool01.contoso.com is not seen now.',
    ],
  ])('%s', (_, given, told) => {
    for (const id of ['stop-services', 'import-user-data']) expect(against(id, given)).toEqual([told])
  })

  test('where Holdfast failed it back since the loss, whatever way is chosen now', () => {
    const told = `came-from-partner: Holdfast failed ${pool} back at ${later}: what its users have there is newer than any set.`
    for (const id of ['stop-services', 'import-user-data']) {
      expect(against(id, { state: 'Active', failedBackSince: lost })).toEqual([told])
      expect(against(id, { state: 'Active', failedBackSince: '2026-03-01T00:00:00.000Z' })).toEqual([])
      expect(against(id, { state: 'Active', failedBackSince: lost, madeAnew: true })).toEqual([])
    }
  })

  test('but where the pool is Active, or in no pair', () => {
    for (const id of ['stop-services', 'import-user-data']) {
      expect(against(id, { state: 'Active' })).toEqual([])
      expect(against(id, { written: null, names: null, silent: true })).toEqual([])
    }
  })
})

describe('which way a pool went', () => {
  const look = (given: Given, before?: Partial<Step>) =>
    poolEvidence['fail-over-pool']!(pool, ground(given), before as Step | undefined)

  test('is seen while the partner serves', () => {
    expect(look({})).toMatchObject({ seen: 'yes', branch: 'failed-over', fact: 'pool01.contoso.com is FailedOver.' })
  })

  test('is open again when the partner is lost as well: a person says whether it comes back', () => {
    const wasSeen = { state: 'done', branch: 'failed-over', evidence: 'It was.', proof: { how: 'seen' } } as const
    for (const before of [undefined, wasSeen])
      expect(look({ lost: ofPartner }, before)).toMatchObject({
        ...{ seen: 'unknown', isOpen: true },
        fact: 'pool01.contoso.com is FailedOver. But pool02.contoso.com, which serves its users, is lost too: choose failed-over where it comes back with what they wrote there, from-set where it does not.',
      })
  })

  test('is not failed-over while the pool is Active, unless that was seen', () => {
    expect(look({ state: 'Active' })).toMatchObject({ seen: 'unknown', notBranch: 'failed-over' })
    const said = { state: 'done', branch: 'failed-over', evidence: '', proof: { how: 'said' } } as Partial<Step>
    expect(look({ state: 'Active' }, said)).toMatchObject({ seen: 'unknown', notBranch: 'failed-over' })
    const wasSeen = { ...said, proof: { how: 'seen' } } as Partial<Step>
    expect(look({ state: 'Active' }, wasSeen)).toMatchObject({ seen: 'yes', branch: 'failed-over' })
    const isDisputed = { state: 'blocked', seenBranch: 'failed-over' } as Partial<Step>
    expect(look({ state: 'Active' }, isDisputed)).toMatchObject({ seen: 'yes', branch: 'failed-over' })
  })
})

test('both lost: where nobody failed over, everything comes from the set; else a person chooses first', () => {
  const found = ground({ lost: ofPartner })
  const told = (isFailedOver?: () => boolean): string[] =>
    procedureOf(found.loss, desired, {
      copyOf: () => null,
      isLost: found.isLost,
      ...(isFailedOver && { isFailedOver }),
    })
      .filter(({ id }) => /fail|import-user|stop-services/.test(id))
      .map(({ id, in: branches }) => [id, ...branches.map(({ branch }) => branch)].join(' '))
  expect(told()).toEqual(['stop-services', 'import-user-data'])
  expect(told(() => true)).toEqual([
    ...['fail-over-pool', 'fail-back-pool failed-over', 'end-failover from-set'],
    ...['stop-services from-set', 'import-user-data from-set'],
  ])
})
