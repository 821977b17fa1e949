/** Each finding of drift that the lab can bring about, seen by a daemon through its real drivers after one backup. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLog } from '../../src/base/log.ts'
import { systemRandom } from '../../src/base/random.ts'
import { readConfig } from '../../src/config/config.ts'
import type { Plan } from '../../src/domain/plan.ts'
import type { Finding } from '../../src/domain/statement.ts'
import { change, startLab, type RunningLab } from '../../src/lab/lab.ts'
import { startDaemon, type Daemon } from '../../src/reconcile/daemon.ts'
import type { Turn } from '../../src/reconcile/pass.ts'
import { TestClock } from '../support/test-clock.ts'

const signal = new AbortController().signal
const log = createLog({ write: () => {} }, 'silent')

let dir: string
let lab: RunningLab
let daemon: Daemon
let clock: TestClock
let plan: Plan | null = null

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'holdfast-drift-'))
  lab = await startLab(join(dir, 'lab'), join(import.meta.dirname, '..', '..', 'desired-state'))
  clock = new TestClock(startTime())
  const options = { clock, random: systemRandom, log, onPass: ({ snapshot }: Turn) => (plan = snapshot.plan) }
  await setClocks()
  daemon = await startDaemon(await readConfig(lab.config), options)
  await daemon.untilIdle({ signal })
})
afterAll(async () => {
  await daemon[Symbol.asyncDispose]()
  await lab[Symbol.asyncDispose]()
  await rm(dir, { recursive: true })
})

/** Now, but not shortly before the slot at two in Berlin: the run of a slot would take a change along. */
function startTime(): string {
  const hour = Number(
    new Intl.DateTimeFormat('en', { timeZone: 'Europe/Berlin', hour: 'numeric', hourCycle: 'h23' }).format(),
  )
  return new Date(Date.now() + (hour < 2 ? 3 * 3_600_000 : 0)).toISOString()
}

/** The clocks of the lab go with that of the daemon. */
async function setClocks(): Promise<void> {
  const ahead = Math.round((Date.parse(clock.now()) - Date.now()) / 1000)
  await change(join(dir, 'lab'), 'break', { kind: 'clock', subject: 'contoso', detail: `${ahead}s` })
}

/** Looks at everything and judges; nothing is started, so the newest set stays what it is. */
async function look(): Promise<readonly Finding[]> {
  await clock.advance(60)
  await setClocks()
  await daemon.untilIdle({ wanted: () => false, signal })
  return plan?.findings ?? []
}

const told = async (): Promise<string[]> => (await look()).map(({ code, subject }) => `${code} ${subject}`).sort()

test('a healthy lab has none', async () => {
  expect(await look()).toEqual([])
})

/** `kind subject detail` of `holdfast lab break`, and what of it is drift, by hand. */
const breaks: readonly [kind: string, subject: string, detail: string, findings: readonly string[]][] = [
  ['topology', 'pool99.contoso.com', 'added', ['unmanaged pool99.contoso.com']],
  ['topology', 'med.contoso.com', 'removed', ['not-published med.contoso.com']],
  ['topology', 'pool01.contoso.com', 'member-added', ['published-differs pool01.contoso.com']],
  ['dns', 'fe01.contoso.com', 'wrong', ['environment-changed fe01.contoso.com']],
  ['dns', 'fe01.contoso.com', 'missing', ['name-lost fe01.contoso.com']],
  ['dns', '_sip._tls.contoso.com', 'wrong', ['environment-changed _sip._tls.contoso.com']],
  ['dns', '_sipfederationtls._tcp.contoso.com', 'missing', ['environment-changed _sipfederationtls._tcp.contoso.com']],
  ['dns', 'lyncdiscover.contoso.com', 'wrong', ['environment-changed lyncdiscover.contoso.com']],
  // The same names from the same issuer for longer: a renewal is no difference.
  ['certificate', 'fe01.contoso.com', 'reissued', []],
  ['certificate', 'fe01.contoso.com', 'other-name', ['environment-changed fe01.contoso.com']],
  [
    'certificate',
    'fe01.contoso.com',
    'expiring',
    ['certificate-expires fe01.contoso.com', 'environment-changed fe01.contoso.com'],
  ],
  // Of the deployment: the one of OAuthTokenIssuer, which is on every server.
  ['certificate', 'contoso', 'reissued', []],
  ['certificate', 'contoso', 'other-name', ['environment-changed contoso']],
  ['certificate', 'contoso', 'expiring', ['certificate-expires contoso', 'environment-changed contoso']],
  ['dhcp', 'dhcp01.contoso.com', 'changed', ['environment-changed dhcp01.contoso.com']],
  ['simple-url', 'contoso', 'changed', ['environment-changed contoso']],
  ['database', 'sql05.contoso.com/LcsCDR', 'recreated', ['database-recreated sql05.contoso.com/LcsCDR']],
  ['database', 'sql05.contoso.com/LcsCDR', 'recovery-model', ['recovery-model sql05.contoso.com/LcsCDR']],
  ['log-backups', 'sql01.contoso.com\\rtc', 'stopped', ['log-backup-missing sql01.contoso.com\\rtc']],
  ['pairing', 'pool01.contoso.com', 'error', ['pairing-not-steady pool01.contoso.com']],
  ['pairing', 'pool01.contoso.com', 'backlog', ['pairing-not-steady pool01.contoso.com']],
  // pool02 goes on naming pool01; as a pair the document tells neither.
  [
    'pairing',
    'pool01.contoso.com',
    'unpaired',
    ['pairing-differs pool01.contoso.com', 'pairing-not-mutual pool02.contoso.com'],
  ],
  [
    'patch',
    'fe01.contoso.com',
    'behind',
    ['environment-changed fe01.contoso.com', 'patch-levels-differ pool01.contoso.com'],
  ],
  ['central-management', 'contoso', 'elsewhere', ['central-management-elsewhere contoso']],
  [
    ...(['central-management', 'contoso', 'both'] as const),
    ['central-management-elsewhere contoso', 'central-management-twice contoso'],
  ],
  ['replica', 'fe01.contoso.com', 'late', ['replication-late fe01.contoso.com']],
]

test.each(breaks)('%s %s %s', async (kind, subject, detail, findings) => {
  await change(join(dir, 'lab'), 'break', { kind, subject, detail })
  try {
    expect(await told()).toEqual(findings)
  } finally {
    await change(join(dir, 'lab'), 'repair', { kind, subject, detail: null })
  }
  expect(await told()).toEqual([])
})

test('a change of the configuration is backed up once it is quiet, alone, and once', async () => {
  const runsForNoSlot = async (): Promise<string[]> => {
    const { actions } = await daemon.untilIdle({ signal })
    const runs = actions.filter(({ kind, slot }) => kind === 'create-backup-set' && slot === null)
    return runs.map(({ subject, outcome }) => `${subject} ${outcome}`)
  }
  await change(join(dir, 'lab'), 'break', { kind: 'topology', subject: 'pool99.contoso.com', detail: 'added' })
  await clock.advance(60)
  expect(await runsForNoSlot()).toEqual([])
  await clock.advance(300)
  expect(await runsForNoSlot()).toEqual(['nightly done'])
  expect((await look()).map(({ code }) => code)).toEqual(['unmanaged'])
  await clock.advance(3600)
  expect(await runsForNoSlot()).toEqual(['nightly done'])
  // Published no more, but a restore of the newest export would bring it back.
  await change(join(dir, 'lab'), 'repair', { kind: 'topology', subject: 'pool99.contoso.com', detail: null })
  expect(await told()).toEqual(['export-unmanaged pool99.contoso.com'])
})
