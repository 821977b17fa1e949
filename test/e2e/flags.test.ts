/** Every scenario of the domain reference, section 6.1, made in the lab and seen by a daemon through its real drivers. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { change } from '../../src/lab/lab.ts'
import { openDrivenLab, type DrivenLab } from '../support/driven-lab.ts'

/** `Deployment.flagging.grace` of the Contoso sample. */
const graceSeconds = 15 * 60

let driven: DrivenLab

beforeAll(async () => {
  driven = await openDrivenLab()
})
afterAll(async () => {
  await driven[Symbol.asyncDispose]()
})

/** `kind subject [detail]` of `holdfast lab break`. */
type What = readonly [kind: string, subject: string, detail?: string]

/** What one test left broken must not reach the next. */
const broken: What[] = []
async function breakIt(what: What): Promise<void> {
  await order('break', what)
  broken.push(what)
}
async function repairAll(): Promise<void> {
  for (let what = broken.pop(); what; what = broken.pop()) await order('repair', what)
}
function order(name: 'break' | 'repair', [kind, subject, detail]: What): Promise<void> {
  return change(driven.folder, name, { kind, subject, detail: name === 'break' ? (detail ?? null) : null })
}
afterEach(repairAll)

interface Watcher extends AsyncDisposable {
  /** Looks at everything and judges, after so much time. */
  after(seconds: number): Promise<{ flags: string[]; findings: string[] }>
}

async function watcher(): Promise<Watcher> {
  const daemon = await driven.watcher()
  return {
    async after(seconds) {
      const { flags, findings } = (await daemon.after(seconds)).plan
      return {
        flags: flags.map(({ subject, scenario }) => `${scenario} ${subject}`).sort(),
        findings: findings.map(({ code, subject }) => `${code} ${subject}`).sort(),
      }
    },
    [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose](),
  }
}

/** The rows of section 6.1 with what must be rebuilt, by hand. */
const lost: readonly [name: string, breaks: readonly What[], flags: readonly string[]][] = [
  ['a Standard Edition server', [['server', 'se01.contoso.com']], ['standard-edition se01.contoso.com']],
  [
    'one partner of a mirrored Back End, the principal, with a witness',
    [['server', 'sql01.contoso.com']],
    ['mirror-partner sql01.contoso.com'],
  ],
  ['one partner, the mirror', [['server', 'sql02.contoso.com']], ['mirror-partner sql02.contoso.com']],
  [
    'one partner, the principal, without a witness',
    [['server', 'sql11.contoso.com']],
    ['mirror-partner sql11.contoso.com'],
  ],
  [
    'both partners of a Back End',
    [
      ['server', 'sql11.contoso.com'],
      ['server', 'sql12.contoso.com'],
    ],
    ['back-end sql11.contoso.com', 'back-end sql12.contoso.com'],
  ],
  [
    'both partners of the Central Management store',
    [
      ['server', 'sql01.contoso.com'],
      ['server', 'sql02.contoso.com'],
    ],
    ['central-management sql01.contoso.com', 'central-management sql02.contoso.com'],
  ],
  ['a Front End', [['server', 'fe01.contoso.com']], ['member-server fe01.contoso.com']],
  ['a Director', [['server', 'dir01.contoso.com']], ['member-server dir01.contoso.com']],
  ['a Mediation Server', [['server', 'med01.contoso.com']], ['member-server med01.contoso.com']],
  ['a Persistent Chat server', [['server', 'chat01.contoso.com']], ['member-server chat01.contoso.com']],
  ['an Edge Server', [['server', 'edge01.contoso.com']], ['member-server edge01.contoso.com']],
  [
    'a whole pool',
    [
      ['server', 'fe01.contoso.com'],
      ['server', 'fe02.contoso.com'],
      ['server', 'fe03.contoso.com'],
    ],
    ['pool pool01.contoso.com'],
  ],
  ['the monitoring server', [['server', 'sql05.contoso.com']], ['archiving-monitoring sql05.contoso.com']],
  [
    'a monitoring database',
    [['database', 'sql05.contoso.com/LcsCDR', 'lost']],
    ['archiving-monitoring sql05.contoso.com/LcsCDR'],
  ],
  ['the Persistent Chat store', [['server', 'sql04.contoso.com']], ['persistent-chat sql04.contoso.com']],
  [
    'a Persistent Chat database',
    [['database', 'sql04.contoso.com\\chat/mgc', 'lost']],
    ['persistent-chat sql04.contoso.com\\chat/mgc'],
  ],
  ['a file server', [['server', 'fs01.contoso.com']], ['file-store fs01.contoso.com']],
  ['a file store', [['file-store', '\\\\contoso.com\\Lync', 'moved']], ['file-store \\\\contoso.com\\Lync']],
]

describe('what is lost is flagged, once the grace period is over, and nothing else', () => {
  test('a healthy lab has no flag and no finding', async () => {
    await using daemon = await watcher()

    expect(await daemon.after(0)).toEqual({ flags: [], findings: [] })
    expect(await daemon.after(graceSeconds + 60)).toEqual({ flags: [], findings: [] })
  })

  test.each(lost)('%s', async (_name, breaks, flags) => {
    await using daemon = await watcher()
    await daemon.after(0)

    for (const one of breaks) await breakIt(one)
    expect((await daemon.after(60)).flags).toEqual([])
    expect((await daemon.after(graceSeconds - 60)).flags).toEqual([])
    expect((await daemon.after(120)).flags).toEqual([...flags].sort())

    await repairAll()
    expect(await daemon.after(60)).toEqual({ flags: [], findings: [] })
  })
})

describe('a server that was wiped and comes back empty keeps its flag', () => {
  test.each(lost.filter(([, breaks]) => breaks.length === 1 && breaks[0]?.[0] === 'server'))(
    '%s',
    async (_name, breaks, flags) => {
      const host = breaks[0]?.[1] ?? ''
      await using daemon = await watcher()
      await daemon.after(0)
      await breakIt(['server', host])
      await daemon.after(60)
      await daemon.after(graceSeconds)

      await repairAll()
      await breakIt(['wipe', host])
      expect((await daemon.after(60)).flags).toEqual(flags)
      expect((await daemon.after(4 * graceSeconds)).flags).toEqual(flags)

      await repairAll()
      expect((await daemon.after(60)).flags).toEqual([])
    },
  )
})

/** What is wrong but calls for no rebuild: a finding, and never a flag however long it lasts. */
const wrong: readonly [name: string, breaks: readonly What[], finding: string][] = [
  ['a stopped service', [['service', 'fe01.contoso.com', 'stopped']], 'service-stopped fe01.contoso.com'],
  ['a late replica', [['replica', 'fe01.contoso.com', 'late']], 'replication-late fe01.contoso.com'],
  ['a pairing in error', [['pairing', 'pool01.contoso.com', 'error']], 'pairing-not-steady pool01.contoso.com'],
  ['a patch level behind', [['patch', 'fe01.contoso.com', 'behind']], 'patch-levels-differ pool01.contoso.com'],
  [
    'a Central Management store elsewhere',
    [['central-management', 'contoso', 'elsewhere']],
    'central-management-elsewhere contoso',
  ],
  ['no active master', [['central-management', 'contoso', 'no-master']], 'central-management-unavailable contoso'],
  ['changed DHCP options', [['dhcp', 'dhcp01.contoso.com', 'changed']], 'environment-changed dhcp01.contoso.com'],
  ['a lost name', [['dns', 'fe01.contoso.com', 'missing']], 'name-lost fe01.contoso.com'],
  ['an expired certificate', [['certificate', 'fe01.contoso.com', 'expired']], 'certificate-expires fe01.contoso.com'],
  [
    'a suspect database',
    [['database', 'sql05.contoso.com/LcsCDR', 'suspect']],
    'database-not-online sql05.contoso.com/LcsCDR',
  ],
  [
    'a suspended mirror',
    [['mirror', 'sql01.contoso.com\\rtc', 'suspended']],
    'mirror-not-synchronized sql01.contoso.com\\rtc',
  ],
  [
    'a server that only we do not reach',
    [['network', 'fe01.contoso.com', 'unreachable-from-here']],
    'host-unreachable fe01.contoso.com',
  ],
  ['a silent site', [['network', 'Munich', 'dead']], 'site-unreachable Munich'],
  ['our own network', [['network', 'contoso', 'unreachable-from-here']], 'network-unreachable contoso'],
]

describe('what is no loss is a finding and no flag', () => {
  test.each(wrong)('%s', async (_name, breaks, finding) => {
    await using daemon = await watcher()
    await daemon.after(0)

    for (const one of breaks) await breakIt(one)
    await daemon.after(60)
    const late = await daemon.after(2 * graceSeconds)
    expect(late.flags).toEqual([])
    expect(late.findings).toContain(finding)

    await repairAll()
    expect(await daemon.after(60)).toEqual({ flags: [], findings: [] })
  })
})

test('a hiccup shorter than the grace period never flags, however often it comes', async () => {
  await using daemon = await watcher()
  await daemon.after(0)
  for (let time = 0; time < 3; time++) {
    await breakIt(['server', 'fe01.contoso.com'])
    expect((await daemon.after(graceSeconds / 2)).flags).toEqual([])
    await repairAll()
    expect((await daemon.after(graceSeconds / 2)).flags).toEqual([])
  }
})
