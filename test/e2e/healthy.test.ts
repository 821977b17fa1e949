/** A healthy lab has no finding and no flag, however its SQL Servers are protected. The sample is tried in drift.test.ts. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { createLog } from '../../src/base/log.ts'
import { systemRandom } from '../../src/base/random.ts'
import { readConfig } from '../../src/config/config.ts'
import type { Plan } from '../../src/domain/plan.ts'
import { startLab } from '../../src/lab/lab.ts'
import { startDaemon } from '../../src/reconcile/daemon.ts'
import type { Turn } from '../../src/reconcile/pass.ts'

const signal = new AbortController().signal
const log = createLog({ write: () => {} }, 'silent')
const checkedOn = new Date().toISOString().slice(0, 10)

function resource(kind: string, name: string, spec: object): object {
  return { apiVersion: 'holdfast/v1', kind, metadata: { name }, spec }
}

const kept = { what: 'active-directory', where: 'the safe', responsible: 'Directory team', checkedOn }
const common = (product: string): object[] => [
  resource('Deployment', 'contoso', {
    ...{ product, domain: 'contoso.com', sipDomains: ['contoso.com'], centralManagementStore: 'be' },
    keptElsewhere: [kept],
  }),
  resource('BackupLocation', 'backup01', {
    ...{ host: 'backup01.contoso.com', share: '\\\\backup01.contoso.com\\LyncBackup', minimumFree: '1MiB' },
  }),
  resource('BackupPolicy', 'nightly', { location: 'backup01', schedule: { cron: '0 2 * * *', timeZone: 'UTC' } }),
]

const enterprise = (product: string, backEnd: object): object[] => [
  ...common(product),
  resource('FileStore', 'fs01', { path: '\\\\fs01.contoso.com\\LyncShare' }),
  resource('SqlStore', 'be', backEnd),
  resource('Pool', 'pool01.contoso.com', {
    ...{ site: 'Redmond', type: 'front-end', servers: ['fe01.contoso.com', 'fe02.contoso.com'] },
    ...{ applications: ['response-group', 'call-park'], userStore: 'be', archiving: 'be', monitoring: 'be' },
    fileStore: 'fs01',
  }),
]

const nodes = ['sql01.contoso.com', 'sql02.contoso.com']
const group = { listener: 'sqlag.contoso.com', replicas: nodes }

test.each<[string, object[]]>([
  [
    'an availability group',
    enterprise('skype-for-business-2019', {
      host: 'sqlag.contoso.com',
      highAvailability: { 'availability-group': group },
    }),
  ],
  [
    'a failover cluster',
    enterprise('lync-server-2013', {
      ...{ host: 'sqlcl.contoso.com', instance: 'rtc' },
      highAvailability: { 'failover-cluster': { nodes } },
    }),
  ],
  ['one server and its default instance', enterprise('lync-server-2013', { host: 'sql01.contoso.com' })],
  [
    'a Standard Edition server alone, of the newest product',
    [
      ...common('skype-for-business-se'),
      resource('FileStore', 'share', { path: '\\\\se01.contoso.com\\LyncShare' }),
      resource('SqlStore', 'be', { host: 'se01.contoso.com', instance: 'rtc' }),
      resource('Pool', 'se01.contoso.com', {
        ...{ site: 'Redmond', type: 'standard-edition', userStore: 'be', fileStore: 'share' },
      }),
    ],
  ],
])('%s', async (_, resources) => {
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-healthy-'))
  const from = join(dir, 'desired-state')
  await mkdir(from)
  await writeFile(join(from, 'all.yaml'), resources.map((one) => JSON.stringify(one)).join('\n---\n'))
  try {
    await using lab = await startLab(join(dir, 'lab'), from)
    const plans: Plan[] = []
    const options = {
      clock: systemClock,
      random: systemRandom,
      log,
      onPass: ({ snapshot }: Turn) => plans.push(snapshot.plan),
    }
    await using daemon = await startDaemon(await readConfig(lab.config), options)

    const { actions } = await daemon.untilIdle({ signal })
    expect(actions.map(({ kind, outcome }) => `${kind} ${outcome}`)).toEqual([
      'create-backup-set done',
      'point-backup done',
    ])
    expect(plans.at(-1)).toMatchObject({ findings: [], flags: [] })
  } finally {
    await rm(dir, { recursive: true })
  }
})
