import { describe, expect, test } from 'vitest'
import { registerSecret } from '../../src/base/log.ts'
import { Problem } from '../../src/base/problem.ts'
import type { DatabaseFacts, Facts } from '../../src/domain/facts.ts'
import type { Desired, Recovery } from '../../src/domain/model.ts'
import type { Unseen } from '../../src/domain/observation.ts'
import { desiredState, pool, sqlStore } from '../support/desired.ts'
import { database } from '../support/fake-drivers.ts'
import { seen, world } from '../support/observed.ts'
import { bench, instance, returned, settled } from './bench.ts'

const sql01 = 'sql01.contoso.com\\rtc'
/** One SQL instance and nothing else to look at. */
const oneInstance: Partial<Desired> = {
  pools: [],
  locations: [],
  policies: [],
  sqlStores: [sqlStore('sql01.contoso.com')],
}
/** The same, and no names of clients. */
function onlySql(more: Partial<Desired> = {}): Desired {
  const desired = desiredState({ ...oneInstance, ...more })
  return { ...desired, deployment: { ...desired.deployment, sipDomains: [] } }
}

describe('a look', () => {
  test('says what was seen, when, and since when', async () => {
    const { observer, clock, answers } = bench()
    observer.follow(onlySql())
    expect(observer.snapshot().facts.sqlInstance.size).toBe(0)
    await observer.look('all')
    const first = { subject: sql01, at: clock.now(), since: clock.now(), source: 'SQL Server', known: true }
    expect(observer.snapshot().facts.sqlInstance.get(sql01)).toEqual({ ...first, value: instance('11.0') })
    await clock.advance(30)
    await observer.look('all')
    expect(observer.snapshot().facts.sqlInstance.get(sql01)).toMatchObject({
      at: '2026-07-29T12:00:30.000Z',
      since: '2026-07-29T12:00:00.000Z',
    })
    await clock.advance(30)
    answers.facts = () => Promise.resolve(instance('12.0'))
    await observer.look('all')
    expect(observer.snapshot().facts.sqlInstance.get(sql01)).toMatchObject({
      since: '2026-07-29T12:01:00.000Z',
      value: instance('12.0'),
    })
  })

  test('counts an instance as it is from its databases, not from their log backups or sessions', async () => {
    const { observer, clock, answers } = bench()
    const answer = (more: Partial<DatabaseFacts>): void => {
      const databases = [database('rtcxds', { recoveryModel: 'FULL', ...more })]
      answers.facts = () => Promise.resolve({ ...instance('11.0'), databases })
    }
    const looked = async (): Promise<string | undefined> => {
      await clock.advance(60)
      await observer.look('all')
      return observer.snapshot().facts.sqlInstance.get(sql01)?.since
    }
    observer.follow(onlySql())
    answer({ lastLogBackupAt: '2026-07-29T11:45:00.000Z', mirroringState: 'SYNCHRONIZED' })
    expect(await looked()).toBe('2026-07-29T12:01:00.000Z')
    answer({ lastLogBackupAt: '2026-07-29T12:00:00.000Z', mirroringState: 'SYNCHRONIZING' })
    expect(await looked()).toBe('2026-07-29T12:01:00.000Z')
    answer({ lastLogBackupAt: '2026-07-29T12:00:00.000Z', state: 'SUSPECT' })
    expect(await looked()).toBe('2026-07-29T12:03:00.000Z')
  })

  test('that fails makes the fact unknown, with what went wrong and no secret', async () => {
    registerSecret('Tr0ub4dor-look')
    const { observer, clock, answers } = bench()
    observer.follow(onlySql())
    await observer.look('all')
    await clock.advance(10)
    answers.facts = () => Promise.reject(new Error('login with Tr0ub4dor-look failed'))
    await observer.look('all')
    const unknown = {
      known: false,
      since: '2026-07-29T12:00:10.000Z',
      error: 'login with [secret] failed',
      code: 'unexpected',
      answered: false,
    }
    expect(observer.snapshot().facts.sqlInstance.get(sql01)).toMatchObject(unknown)
    await clock.advance(10)
    answers.facts = () => {
      throw new Problem('unexpected', { message: 'thrown at once' })
    }
    await observer.look('all')
    expect(observer.snapshot().facts.sqlInstance.get(sql01)).toMatchObject({
      since: '2026-07-29T12:00:10.000Z',
      error: 'thrown at once',
    })
  })

  test('names the code of a problem that has a page', async () => {
    const { observer, answers } = bench()
    answers.facts = () => Promise.reject(new Problem('source-unreachable', { message: 'no answer' }))
    observer.follow(onlySql())
    await observer.look('all')
    const { code, answered, error } = observer.snapshot().facts.sqlInstance.get(sql01) as Unseen
    expect({ code, answered, error }).toEqual({ code: 'source-unreachable', answered: false, error: 'no answer' })
  })

  test.each([
    ['sql-login-failed', true],
    ['sql-database-unavailable', true],
    ['sql-refused', false],
    ['sql-connection-lost', false],
    ['sql-driver-missing', false],
  ] as const)('tells by the code %s alone whether the instance answered', async (code, answered) => {
    const { observer, answers } = bench()
    answers.facts = () =>
      Promise.reject(new Problem(code, { message: 'Die Anmeldung ist nicht moeglich [sql-timeout]' }))
    observer.follow(onlySql())
    await observer.look('all')
    expect(observer.snapshot().facts.sqlInstance.get(sql01)).toMatchObject({ known: false, code, answered })
  })

  test('has a deadline, aborts, and is not repeated while it has not come back', async () => {
    const { observer, clock, answers, asked } = bench()
    const hang = Promise.withResolvers<ReturnType<typeof instance>>()
    let signal: AbortSignal | undefined
    answers.facts = (_, given) => {
      signal = given
      return hang.promise
    }
    observer.follow(onlySql())
    const looked = observer.look('all')
    await clock.advance(19)
    expect(signal?.aborted).toBe(false)
    await clock.advance(1)
    await looked
    expect(signal?.aborted).toBe(true)
    expect(observer.snapshot().facts.sqlInstance.get(sql01)).toMatchObject({
      known: false,
      code: 'look-timed-out',
      error: 'No answer within 20 s.',
    })
    await observer.look('all')
    const sqlLooks = () => asked.filter((one) => one.startsWith('sql')).length
    expect(sqlLooks()).toBe(1)
    expect(observer.snapshot().facts.sqlInstance.get(sql01)).toMatchObject({
      error: expect.stringContaining('2026-07-29T12:00:00.000Z still has not come back') as string,
    })
    hang.resolve(instance('11.0'))
    await settled()
    await observer.look('all')
    expect(sqlLooks()).toBe(2)
  })

  test('that was asked for while one was under way begins after it, and is shared', async () => {
    const { observer, answers, asked } = bench()
    const under = Promise.withResolvers<ReturnType<typeof instance>>()
    answers.facts = () => under.promise
    observer.follow(onlySql())
    const first = observer.look('all')
    await settled()
    answers.facts = () => Promise.resolve(instance('12.0'))
    const second = observer.look([sql01])
    const third = observer.look(['SQL01.contoso.com\\RTC/LcsCDR'])
    under.resolve(instance('11.0'))
    await first
    expect(observer.snapshot().facts.sqlInstance.get(sql01)).toMatchObject({ value: instance('11.0') })
    await Promise.all([second, third])
    expect(observer.snapshot().facts.sqlInstance.get(sql01)).toMatchObject({ value: instance('12.0') })
    expect(asked.filter((one) => one.startsWith('sql'))).toHaveLength(2)
  })

  test('fault S17: at everything is not waited for once no look ends any more', async () => {
    const { observer, clock, answers } = bench()
    answers.call = () => new Promise(() => {})
    observer.follow(onlySql())
    let over = false
    const looked = observer.look('all').finally(() => (over = true))
    await clock.advance(29)
    expect(over).toBe(false)
    await clock.advance(31)
    expect(over).toBe(true)
    await looked
    expect(observer.snapshot().facts.sqlInstance.get(sql01)).toMatchObject({ known: true })
  })

  test('fault S17: a look whose calls end is not quiet, however long it takes', async () => {
    const { observer, clock, answers } = bench()
    const servers = ['a', 'b', 'c', 'd'].map((name) => ({ DnsName: `${name}.contoso.com` }))
    answers.call = async (name) => {
      await clock.sleep(12_000)
      return name === 'dhcp-servers' ? returned(...servers) : returned()
    }
    observer.follow(onlySql())
    let seen: unknown
    const looked = observer.look('all').then(() => (seen = observer.snapshot().facts.dhcp.get('contoso')))
    await clock.advance(170)
    await looked
    expect(seen).toMatchObject({ known: true })
  })

  test('fault S17: what hangs is not waited for because much else ends meanwhile', async () => {
    const { observer, clock, answers } = bench()
    answers.call = () => new Promise(() => {})
    answers.facts = async () => {
      await clock.sleep(10_000)
      return instance('11.0')
    }
    observer.follow(
      onlySql({ sqlStores: Array.from({ length: 40 }, (_, index) => sqlStore(`sql${index}.contoso.com`)) }),
    )
    const over: string[] = []
    const looks = (['cmdlets', 'directly'] as const).map((what) => observer.look(what).then(() => over.push(what)))
    await clock.advance(31)
    await settled()
    expect(over).toEqual(['cmdlets'])
    await clock.advance(30)
    await Promise.all(looks)
    expect(observer.snapshot().facts.sqlInstance.size).toBe(40)
  })

  test('looks only at what was asked for, and goes on when its asker gives up', async () => {
    const { observer, answers, asked } = bench()
    observer.follow(onlySql({ sqlStores: [sqlStore('sql01.contoso.com'), sqlStore('sql02.contoso.com')] }))
    await observer.look(['sql02.contoso.com\\rtc'])
    expect(asked).toEqual(['sql sql02.contoso.com\\rtc:'])
    const slow = Promise.withResolvers<ReturnType<typeof instance>>()
    answers.facts = () => slow.promise
    const stop = new AbortController()
    const looked = observer.look([sql01], stop.signal)
    stop.abort(new Error('enough'))
    await expect(looked).rejects.toThrow('enough')
    slow.resolve(instance('13.0'))
    await settled()
    expect(observer.snapshot().facts.sqlInstance.get(sql01)).toMatchObject({ value: instance('13.0') })
  })

  test('never more at once than the kind allows', async () => {
    const { observer, answers } = bench()
    let now = 0
    let most = 0
    answers.facts = async () => {
      most = Math.max(most, ++now)
      await settled()
      now--
      return instance('11.0')
    }
    const sqlStores = Array.from({ length: 30 }, (_, index) => sqlStore(`sql${index}.contoso.com`))
    observer.follow(onlySql({ sqlStores }))
    await observer.look('all')
    expect(observer.snapshot().facts.sqlInstance.size).toBe(30)
    expect(most).toBe(8)
  })
})

describe('the snapshot', () => {
  test('never changes once handed out', async () => {
    const { observer, clock } = bench()
    observer.follow(onlySql())
    await observer.look('all')
    const first = observer.snapshot()
    await clock.advance(60)
    await observer.look('all')
    expect(first.facts.sqlInstance.get(sql01)?.at).toBe('2026-07-29T12:00:00.000Z')
    expect(observer.snapshot().facts.sqlInstance.get(sql01)?.at).toBe('2026-07-29T12:01:00.000Z')
  })

  test('begins with what a former process saw, and keeps its since', async () => {
    const at = '2026-07-29T09:00:00.000Z'
    const before = world([], {
      location: new Map(),
      sqlInstance: new Map([
        [sql01, seen(sql01, instance('11.0'), at)],
        ['gone.contoso.com', seen('gone.contoso.com', instance('11.0'), at)],
      ]),
    }).facts
    const { observer } = bench(before)
    observer.follow(onlySql())
    expect([...observer.snapshot().facts.sqlInstance.keys()]).toEqual([sql01])
    await observer.look('all')
    expect(observer.snapshot().facts.sqlInstance.get(sql01)).toMatchObject({
      at: '2026-07-29T12:00:00.000Z',
      since: at,
    })
  })

  test('holds the one report of the source', () => {
    const { observer } = bench()
    const fact = { head: 'a1', lastGood: 'a1', fetchedAt: null, unreachable: null, invalid: [] }
    observer.report('source', seen('git', fact))
    observer.report('source', seen('contoso', fact))
    expect([...observer.snapshot().facts.source.keys()]).toEqual(['contoso'])
  })
})

describe('by itself', () => {
  test('the observer looks at once, and again at its cadence with a stable spread', async () => {
    const { observer, clock, asked } = bench()
    observer.follow(onlySql())
    expect(asked).toEqual([])
    observer.start(() => {})
    await settled()
    expect(asked.filter((one) => one.startsWith('sql'))).toHaveLength(1)
    await clock.advance(53)
    await settled()
    expect(asked.filter((one) => one.startsWith('sql'))).toHaveLength(1)
    await clock.advance(14)
    await settled()
    expect(asked.filter((one) => one.startsWith('sql'))).toHaveLength(2)
  })

  test.each([
    ['20s', 20, { 'sql sql01': 4, 'shell dhcp-servers': 4 }],
    ['5m', 300, { 'sql sql01': 2, 'shell dhcp-servers': 1 }],
    ['nothing', null, { 'sql sql01': 2, 'shell dhcp-servers': 1 }],
  ])(
    'looks.atLeastEvery %s: each fact is looked at by then, or sooner where its own pace is',
    async (_, every, counts) => {
      const { observer, clock, asked } = bench(null, undefined, every)
      observer.follow(onlySql())
      observer.start(() => {})
      await settled()
      for (let second = 0; second < 70; second++) {
        await clock.advance(1)
        await settled()
      }
      for (const [look, count] of Object.entries(counts))
        expect([look, asked.filter((one) => one.startsWith(look)).length]).toEqual([look, count])
    },
  )

  test('while a recovery is open, what its steps wait for is looked at sooner, from the commit on', async () => {
    const { observer, clock, asked } = bench()
    const recovery: Recovery = {
      ...{ name: 'sql01', file: 'r.yaml', server: 'sql01.contoso.com', scenario: 'back-end', from: 'latest' },
      ...{ run: 'guide', accept: [], acknowledge: [], choose: [], finished: null },
    }
    const looks = async (seconds: number): Promise<number> => {
      for (let second = 0; second < seconds; second++) await clock.advance(1).then(settled)
      return asked.filter((one) => one.startsWith('shell database-tests')).length
    }
    observer.follow(onlySql())
    observer.start(() => {})
    await settled()
    expect(await looks(300)).toBe(1)
    observer.follow(onlySql({ recoveries: [recovery] }))
    expect(await looks(1)).toBe(2)
    expect(await looks(135)).toBe(3)
    observer.follow(onlySql({ recoveries: [{ ...recovery, finished: { by: 'Jane', at: clock.now(), note: null } }] }))
    expect(await looks(300)).toBe(4)
  })

  test('it wakes for what is new, not for what is as before', async () => {
    const { observer, clock, answers } = bench()
    let woken = 0
    observer.follow(onlySql())
    observer.start(() => woken++)
    await settled()
    expect(woken).toBeGreaterThan(0)
    woken = 0
    await clock.advance(70)
    await settled()
    expect(woken).toBe(0)
    answers.facts = () => Promise.reject(new Error('gone'))
    await clock.advance(70)
    await settled()
    expect(woken).toBe(1)
  })

  test('it follows the desired state: new subjects at once, old ones no more', async () => {
    const { observer, clock, asked } = bench()
    observer.follow(onlySql())
    observer.start(() => {})
    await settled()
    observer.follow(onlySql({ sqlStores: [sqlStore('sql02.contoso.com')] }))
    await settled()
    expect([...observer.snapshot().facts.sqlInstance.keys()]).toEqual(['sql02.contoso.com\\rtc'])
    asked.length = 0
    await clock.advance(70)
    await settled()
    expect(new Set(asked.filter((one) => one.startsWith('sql')))).toEqual(new Set(['sql sql02.contoso.com\\rtc:']))
  })

  test('closing aborts the look under way and records nothing of it', async () => {
    const { observer, clock, answers, asked } = bench()
    let signal: AbortSignal | undefined
    answers.facts = (_, given) => {
      signal = given
      return new Promise(() => {})
    }
    observer.follow(onlySql())
    observer.start(() => {})
    await settled()
    await observer[Symbol.asyncDispose]()
    expect(signal?.aborted).toBe(true)
    expect(observer.snapshot().facts.sqlInstance.size).toBe(0)
    asked.length = 0
    await clock.advance(600)
    expect(asked).toEqual([])
    expect(clock.sleeping).toBe(0)
  })
})

describe('the certificates of web services', () => {
  const followed = (answer: (port: number) => Promise<Facts['tls']>) => {
    const made = bench()
    made.answers.certificate = (_host, port) => answer(port)
    made.observer.follow(desiredState({ pools: [pool('se01.contoso.com', 'standard-edition')] }))
    return made.observer
  }
  const good = {
    ...{ subject: 'CN=se01', names: ['se01'], issuer: 'CN=CA', thumbprint: 'AB12' },
    expiresAt: '2027-01-01T00:00:00.000Z',
  }
  const closed = () => Promise.reject(new Problem('tls-failed', { message: 'closed' }))

  test('the inside is told where only a reverse proxy reaches the outside', async () => {
    const observer = followed((port) => (port === 4443 ? closed() : Promise.resolve({ port, ...good })))
    await observer.look('all')
    expect(observer.snapshot().facts.webCertificates.get('se01.contoso.com')).toMatchObject({
      known: true,
      value: { internal: good, external: null },
    })
  })

  test('nothing is told where neither answers', async () => {
    const observer = followed(closed)
    await observer.look('all')
    expect(observer.snapshot().facts.webCertificates.get('se01.contoso.com')).toMatchObject({ known: false })
  })
})

describe('what is looked at', () => {
  test('names of machines, pools, listeners and clients; one listener of each server; both partners of a mirror', async () => {
    const { observer, asked } = bench()
    const partner = { host: 'sql02.contoso.com', instance: 'rtc' }
    const mirrored = sqlStore('sql01.contoso.com', 'rtc', {
      highAvailability: { kind: 'mirror', partner, witness: null },
    })
    observer.follow(
      desiredState({
        pools: [
          pool('pool01.contoso.com', 'front-end', { servers: ['fe01.contoso.com', 'FE02.contoso.com'] }),
          pool('med01.contoso.com', 'mediation'),
          pool('app01.contoso.com', 'trusted-application'),
        ],
        sqlStores: [mirrored, sqlStore('SQL01.contoso.com', 'RTC'), sqlStore('sql03.contoso.com', '', { port: 1500 })],
        fileStores: [],
        locations: [],
        policies: [],
      }),
    )
    await observer.look('all')
    expect(asked.filter((one) => !one.startsWith('shell')).sort()).toEqual([
      'dns FE02.contoso.com A',
      'dns _sip._tls.contoso.com SRV',
      'dns _sipfederationtls._tcp.contoso.com SRV',
      'dns _sipinternaltls._tcp.contoso.com SRV',
      'dns app01.contoso.com A',
      'dns fe01.contoso.com A',
      'dns lyncdiscover.contoso.com A',
      'dns lyncdiscoverinternal.contoso.com A',
      'dns med01.contoso.com A',
      'dns pool01.contoso.com A',
      'dns sip.contoso.com A',
      'dns sql01.contoso.com A',
      'dns sql02.contoso.com A',
      'dns sql03.contoso.com A',
      'sql sql01.contoso.com\\rtc:',
      'sql sql02.contoso.com\\rtc:',
      'sql sql03.contoso.com\\:1500',
      'tcp FE02.contoso.com:445',
      'tcp FE02.contoso.com:5061',
      'tcp app01.contoso.com:445',
      'tcp fe01.contoso.com:445',
      'tcp fe01.contoso.com:5061',
      'tcp med01.contoso.com:445',
      'tcp med01.contoso.com:5067',
      'tcp sql01.contoso.com:445',
      'tcp sql02.contoso.com:445',
      'tcp sql03.contoso.com:445',
      'tls FE02.contoso.com:443',
      'tls FE02.contoso.com:4443',
      'tls FE02.contoso.com:5061',
      'tls fe01.contoso.com:443',
      'tls fe01.contoso.com:4443',
      'tls fe01.contoso.com:5061',
      'tls med01.contoso.com:5067',
    ])
  })
})
