import { beforeAll, describe, expect, it } from 'vitest'
import type { Desired } from '../../../src/domain/model.ts'
import type { Plan } from '../../../src/domain/plan.ts'
import { contoso } from '../../support/contoso.ts'
import { wipe } from '../../support/servers.ts'
import { Watch } from '../../support/watch.ts'

// The sample deployment, broken by hand; what must be flagged stands in the domain reference, section 6.1.
const grace = 15 * 60

let desired: Desired
beforeAll(async () => {
  desired = await contoso()
})

const flagged = ({ flags }: Plan): string[] => flags.map(({ subject, scenario }) => `${scenario} ${subject}`).sort()
const found = ({ findings }: Plan): string[] =>
  findings.map(({ code, subject }) => `${code} ${subject}`).filter((row) => !row.startsWith('kept-elsewhere'))

const files = String.raw`\\fs01.contoso.com\LyncShare`
const dfs = String.raw`\\contoso.com\Lync`
const chat = String.raw`sql04.contoso.com\chat`
const sql01 = String.raw`sql01.contoso.com\rtc`
const sql02 = String.raw`sql02.contoso.com\rtc`
const sql12 = String.raw`sql12.contoso.com\rtc`
const se01 = String.raw`se01.contoso.com\rtc`

/** What happens, and what must be rebuilt for it. */
const losses: [name: string, happens: (watch: Watch) => void, flags: string[]][] = [
  ['a Standard Edition server', (w) => w.off('se01'), ['standard-edition se01.contoso.com']],
  ['a partner that was principal, with a witness', (w) => w.off('sql01'), ['mirror-partner sql01.contoso.com']],
  ['a partner that was mirror', (w) => w.off('sql02'), ['mirror-partner sql02.contoso.com']],
  ['a principal without a witness', (w) => w.off('sql11'), ['mirror-partner sql11.contoso.com']],
  [
    'both partners of a Back End',
    (w) => w.off('sql11', 'sql12'),
    ['back-end sql11.contoso.com', 'back-end sql12.contoso.com'],
  ],
  [
    'both partners of the Central Management store',
    (w) => w.off('sql01', 'sql02'),
    ['central-management sql01.contoso.com', 'central-management sql02.contoso.com'],
  ],
  [
    'the principal of the Central Management store together with its witness',
    (w) => w.off('sql01', 'sql05'),
    ['archiving-monitoring sql05.contoso.com', 'central-management sql01.contoso.com'],
  ],
  ['a Front End', (w) => w.off('fe01'), ['member-server fe01.contoso.com']],
  ['a Director', (w) => w.off('dir01'), ['member-server dir01.contoso.com']],
  ['a Mediation Server', (w) => w.off('med01'), ['member-server med01.contoso.com']],
  ['a Persistent Chat server', (w) => w.off('chat01'), ['member-server chat01.contoso.com']],
  ['an Edge Server', (w) => w.off('edge01'), ['member-server edge01.contoso.com']],
  ['a whole pool', (w) => w.off('fe01', 'fe02', 'fe03'), ['pool pool01.contoso.com']],
  [
    'two of three Front Ends',
    (w) => w.off('fe01', 'fe02'),
    ['member-server fe01.contoso.com', 'member-server fe02.contoso.com'],
  ],
  ['the archive, one partner', (w) => w.off('sql03'), ['mirror-partner sql03.contoso.com']],
  ['the monitoring server', (w) => w.off('sql05'), ['archiving-monitoring sql05.contoso.com']],
  ['the Persistent Chat store', (w) => w.off('sql04'), ['persistent-chat sql04.contoso.com']],
  ['a file server', (w) => w.off('fs01'), ['file-store fs01.contoso.com']],
  [
    'a database of the monitoring store',
    (w) => w.drop('sql05.contoso.com', 'LcsCDR'),
    ['archiving-monitoring sql05.contoso.com/LcsCDR'],
  ],
  ['a chat database', (w) => w.drop(chat, 'mgc'), [`persistent-chat ${chat}/mgc`]],
  [
    'a user database on both partners',
    (w) => {
      w.drop(sql12, 'rtcxds')
      w.drop(String.raw`sql11.contoso.com\rtc`, 'rtcxds')
    },
    [String.raw`back-end sql11.contoso.com\rtc/rtcxds`, String.raw`back-end sql12.contoso.com\rtc/rtcxds`],
  ],
  ['a user database on the mirror alone', (w) => w.drop(sql12, 'rtcxds'), [`mirror-partner ${sql12}/rtcxds`]],
  ['a database of a Standard Edition server', (w) => w.drop(se01, 'rtcxds'), [`standard-edition ${se01}/rtcxds`]],
  [
    'a share whose server lives',
    (w) => {
      w.world.shares.get(files)!.there = false
    },
    [`file-store ${files}`],
  ],
  [
    'a share that was emptied',
    (w) => {
      Object.assign(w.world.shares.get(files)!, { folders: [], entries: 0 })
    },
    [`file-store ${files}`],
  ],
  [
    'a share below a domain',
    (w) => {
      w.world.shares.get(dfs)!.there = false
    },
    [`file-store ${dfs}`],
  ],
  ['a wiped Standard Edition server', (w) => wipe(w.world, 'se01.contoso.com'), ['standard-edition se01.contoso.com']],
  ['a wiped Front End', (w) => wipe(w.world, 'fe02.contoso.com'), ['member-server fe02.contoso.com']],
  ['a wiped mirror partner', (w) => wipe(w.world, 'sql12.contoso.com'), ['mirror-partner sql12.contoso.com']],
  ['a wiped monitoring server', (w) => wipe(w.world, 'sql05.contoso.com'), ['archiving-monitoring sql05.contoso.com']],
  ['a wiped file server', (w) => wipe(w.world, 'fs01.contoso.com'), [`file-store ${files}`]],
  [
    'a wiped Edge Server',
    (w) => {
      wipe(w.world, 'edge02.contoso.com')
      w.machine('edge02').services.clear()
    },
    ['member-server edge02.contoso.com'],
  ],
]

describe('what is lost is flagged once the grace period is over, and nothing else', () => {
  it.each(losses)('%s', (_name, happens, expected) => {
    const watch = new Watch(desired)
    const before = structuredClone(watch.world)
    happens(watch)
    expect(flagged(watch.after(60))).toEqual([])
    expect(flagged(watch.after(grace - 60))).toEqual([])
    expect(flagged(watch.after(60))).toEqual([...expected].sort())
    expect(flagged(watch.after(3600))).toEqual([...expected].sort())

    Object.assign(watch.world, before)
    expect(flagged(watch.after(60))).toEqual([])
    expect(found(watch.after(60))).toEqual([])
  })

  it('a healthy deployment has no flag and no finding', () => {
    const made = new Watch(desired).after(3 * 3600)
    expect(flagged(made)).toEqual([])
    expect(found(made)).toEqual([])
  })

  it('a flag rises at once where no grace is given', () => {
    const watch = new Watch(desired, 0)
    expect(flagged(watch.off('fe01').after(60))).toEqual(['member-server fe01.contoso.com'])
  })
})

/** What happens, and what is told of it instead of a flag. */
const others: [name: string, happens: (watch: Watch) => void, findings: string[]][] = [
  [
    'our own network is dead',
    (w) => {
      w.world.network = false
    },
    ['network-unreachable contoso'],
  ],
  [
    'we alone do not reach a Front End',
    (w) => {
      w.machine('fe01').reachable = false
    },
    ['host-unreachable fe01.contoso.com'],
  ],
  [
    'we alone do not reach a mirror partner',
    (w) => {
      w.machine('sql12').reachable = false
    },
    ['host-unreachable sql12.contoso.com'],
  ],
  [
    'we alone do not reach the witness',
    (w) => {
      w.machine('sql05').reachable = false
    },
    ['host-unreachable sql05.contoso.com'],
  ],
  [
    'we alone do not reach an Edge Server',
    (w) => {
      w.machine('edge01').reachable = false
    },
    ['host-unreachable edge01.contoso.com'],
  ],
  ['no Edge Server answers', (w) => w.off('edge01', 'edge02'), ['site-unreachable Berlin perimeter']],
  [
    'the shell host is dead',
    (w) => {
      w.world.shell = false
    },
    [],
  ],
  [
    'a service is stopped',
    (w) => {
      w.machine('fe01').services.set('RTCCAA', 'Stopped')
    },
    ['service-stopped fe01.contoso.com'],
  ],
  [
    'a service is not there',
    (w) => {
      w.machine('med01').services.delete('RTCMEDSRV')
    },
    ['service-stopped med01.contoso.com'],
  ],
  [
    'SQL Server is stopped',
    (w) => {
      w.instance(sql02).running = false
    },
    [`sql-instance-silent ${sql02}`],
  ],
  [
    'a login may not see all databases',
    (w) => {
      w.instance(chat).administrator = false
      w.drop(chat, 'mgc')
    },
    [],
  ],
  [
    'a database is suspect',
    (w) => {
      w.instance(chat).databases[0]!.state = 'SUSPECT'
    },
    [`database-not-online ${chat}/mgc`],
  ],
  [
    'a session is suspended',
    (w) => {
      for (const one of [...w.instance(sql01).databases, ...w.instance(sql02).databases])
        one.mirroringState = 'SUSPENDED'
    },
    [`mirror-not-synchronized ${sql01}`],
  ],
  [
    'the Central Management store is stopped',
    (w) => {
      w.instance(sql01).running = false
      w.instance(sql02).running = false
    },
    ['central-management-unavailable contoso', `sql-instance-silent ${sql01}`, `sql-instance-silent ${sql02}`],
  ],
  [
    'Fabric is stopped on two of three Front Ends',
    (w) => {
      for (const one of ['fe01', 'fe02']) w.machine(one).services.set('FabricHostSvc', 'Stopped')
    },
    ['pool-below-quorum pool01.contoso.com'],
  ],
]

describe('what is not lost is told, and not flagged', () => {
  it.each(others)('%s', (_name, happens, expected) => {
    const watch = new Watch(desired)
    const before = structuredClone(watch.world)
    happens(watch)
    const made = watch.after(2 * grace)
    expect(flagged(made)).toEqual([])
    expect(found(made)).toEqual([...expected].sort())

    Object.assign(watch.world, before)
    expect(found(watch.after(60))).toEqual([])
  })

  it('a site of which nothing answers', () => {
    const watch = new Watch(desired)
    for (const machine of watch.world.hosts.values())
      if (machine.site === 'Munich' || /^(sql1[123])/.test(machine.fqdn)) machine.powered = false
    const made = watch.after(2 * grace)
    expect(flagged(made)).toEqual([])
    expect(found(made)).toEqual(['site-unreachable Munich'])
  })

  it('a pool below quorum is one finding beside the flags of its lost members', () => {
    const made = new Watch(desired).off('fe01', 'fe02').after(2 * grace)
    expect(found(made)).toEqual(['pool-below-quorum pool01.contoso.com'])
  })

  it('a reboot that is shorter than the grace period leaves nothing', () => {
    const watch = new Watch(desired).off('fe01')
    expect([flagged(watch.after(600)), found(watch.after(60))]).toEqual([[], []])
    watch.on('fe01')
    expect([flagged(watch.after(60)), found(watch.after(grace))]).toEqual([[], []])
  })
})
