/** The scenarios of the domain reference, section 6.1, but for pairs, groups and failovers: what is lost, and what hands do. */
import type { Recovery } from './operator.ts'
import type { CentralStore } from './small-deployment.ts'

export interface Scenario {
  /** As section 6.1 names what failed. */
  what: string
  centralStore: CentralStore
  /** `lab break KIND SUBJECT DETAIL`. */
  breaks: readonly string[]
  /** What is flagged, and is restored. */
  recoveries: readonly Recovery[]
  /** Steps that Holdfast runs of the first of them, in alphabetical order. */
  ran: readonly string[]
  /** The page of docs/recovery/ that tells it. */
  page?: { file: string; title: string }
  /** `lab do KIND SUBJECT`, in the order of the vendor's chapter. */
  acts: readonly string[]
}

const by = (server: string, scenario: string, run: Recovery['run'] = 'holdfast'): Recovery => ({
  server,
  scenario,
  run,
})
const host = (name: string): string => `${name}.contoso.com`

const machine = (name: string): string[] => [`install-windows ${host(name)}`, `join-domain ${host(name)}`]
const certificates = (name: string): string => `restore-certificates ${host(name)}`
/** Side by side: a step on each of them, then the next. */
const wizard = (...names: readonly string[]): string[] =>
  ['install-local-configuration-store', 'setup-components', 'assign-certificates', 'apply-updates'].flatMap((act) =>
    names.map((name) => `${act} ${host(name)}`),
  )
const start = (name: string): string => `start-services ${host(name)}`
const topology = ['download-topology contoso', 'publish-topology contoso']
const share = (name: string): string => String.raw`share-folder \\${host(name)}\LyncShare`
const copied = (name: string): string => String.raw`copy-file-store \\${host(name)}\LyncShare`
const frontEnds = ['fe01', 'fe02', 'fe03']
const rtc = (name: string): string => String.raw`${host(name)}\rtc`
const sql = (instance: string): string => `install-sql-server ${instance}`
const centralStore = (instance: string): string[] => [
  `create-central-management-store ${instance} clean`,
  `point-directory ${instance}`,
]
const databases = (instance: string): string[] => [`create-databases ${instance}`, `grant-sysadmin ${instance}`]

const central = ['import-configuration', 'import-locations']
const poolData = ['import-response-groups', 'import-user-data']
const services = ['start-services', 'stop-services']

export const scenarios: readonly Scenario[] = [
  {
    what: 'Standard Edition server without the Central Management store',
    centralStore: 'se01-rtc',
    breaks: ['server se02.contoso.com'],
    recoveries: [by('se02.contoso.com', 'standard-edition')],
    ran: [...poolData, 'restore-file-store', ...services],
    page: { file: 'standard-edition.md', title: 'A Standard Edition server is lost' },
    acts: [
      ...[...machine('se02'), certificates('se02'), share('se02')],
      ...['enable-topology contoso', ...topology, ...wizard('se02'), start('se02')],
    ],
  },
  {
    what: 'the same, by hands alone',
    centralStore: 'se01-rtc',
    breaks: ['server se02.contoso.com'],
    recoveries: [by('se02.contoso.com', 'standard-edition', 'guide')],
    ran: [],
    acts: [
      ...[...machine('se02'), certificates('se02'), share('se02'), copied('se02'), 'enable-topology contoso'],
      ...[...topology, ...wizard('se02'), start('se02'), 'stop-services se02.contoso.com'],
      ...['import-user-data se02.contoso.com', start('se02'), 'import-response-groups se02.contoso.com'],
    ],
  },
  {
    what: 'Back End without the Central Management store, unmirrored',
    centralStore: 'se01-rtc',
    breaks: ['server sql01.contoso.com'],
    recoveries: [by('sql01.contoso.com', 'back-end')],
    ran: [...poolData, ...services],
    page: { file: 'back-end.md', title: 'The Back End of an Enterprise pool is lost' },
    acts: [...machine('sql01'), sql(rtc('sql01')), ...topology, ...databases(rtc('sql01'))],
  },
  {
    what: 'Front End, Edge Server, Director, Mediation Server and Persistent Chat server',
    centralStore: 'se01-rtc',
    breaks: ['fe01', 'edge01', 'dir01', 'med01', 'chat01'].map((name) => `server ${host(name)}`),
    recoveries: ['fe01', 'edge01', 'dir01', 'med01', 'chat01'].map((name) => by(host(name), 'member-server')),
    ran: [],
    acts: [
      ...['fe01', 'edge01', 'dir01', 'med01', 'chat01'].flatMap(machine),
      ...['fe01', 'edge01', 'dir01', 'med01', 'chat01'].flatMap((name) => [
        ...[certificates(name), ...wizard(name), start(name)],
      ]),
    ],
  },
  {
    what: 'Archiving and monitoring databases',
    centralStore: 'se01-rtc',
    breaks: ['server sql02.contoso.com'],
    recoveries: [by('sql02.contoso.com', 'archiving-monitoring')],
    ran: ['restore-databases', 'restore-databases', 'restore-databases'],
    acts: [...machine('sql02'), sql('sql02.contoso.com'), ...topology, ...databases('sql02.contoso.com')],
  },
  {
    what: 'one monitoring database',
    centralStore: 'se01-rtc',
    breaks: ['database sql02.contoso.com/LcsCDR lost'],
    recoveries: [by('sql02.contoso.com/LcsCDR', 'archiving-monitoring')],
    ran: ['restore-databases'],
    acts: [...topology, ...databases('sql02.contoso.com')],
  },
  {
    what: 'Persistent Chat database',
    centralStore: 'se01-rtc',
    breaks: ['server sql03.contoso.com'],
    recoveries: [by('sql03.contoso.com', 'persistent-chat')],
    ran: ['restore-databases'],
    acts: [
      ...[...machine('sql03'), sql(String.raw`sql03.contoso.com\chat`), ...topology],
      ...[
        ...databases(String.raw`sql03.contoso.com\chat`),
        'clear-active-chat-servers contoso',
        'set-active-chat-servers contoso',
      ],
    ],
  },
  {
    what: 'File store',
    centralStore: 'se01-rtc',
    breaks: ['server fs01.contoso.com'],
    recoveries: [by('fs01.contoso.com', 'file-store')],
    ran: ['restore-file-store'],
    acts: [...machine('fs01'), share('fs01'), 'enable-topology contoso'],
  },
  {
    what: 'Whole pool, with its Back End',
    centralStore: 'se01-rtc',
    breaks: ['sql01', 'fe01', 'fe02', 'fe03'].map((name) => `server ${host(name)}`),
    recoveries: [by('sql01.contoso.com', 'back-end'), by('pool01.contoso.com', 'pool')],
    ran: [...poolData, ...services],
    acts: [
      ...['sql01', ...frontEnds].flatMap(machine),
      // Of the Back End, then of the pool: each procedure downloads the topology.
      ...[sql(rtc('sql01')), ...topology, ...databases(rtc('sql01'))],
      ...[...frontEnds.map(certificates), ...topology, ...wizard(...frontEnds), ...frontEnds.map(start)],
      'start-pool pool01.contoso.com',
    ],
  },
  {
    what: 'Central Management store on a Standard Edition server',
    centralStore: 'se01-rtc',
    breaks: ['server se01.contoso.com'],
    recoveries: [by('se01.contoso.com', 'central-management')],
    ran: [...central, ...poolData, 'restore-file-store', ...services],
    acts: [
      ...[...machine('se01'), certificates('se01'), share('se01'), 'prepare-first-standard-edition se01.contoso.com'],
      ...[...centralStore(rtc('se01')), 'enable-topology contoso', ...topology, ...wizard('se01')],
      start('se01'),
    ],
  },
  {
    what: 'Central Management store on a Back End',
    centralStore: 'sql01-rtc',
    breaks: ['server sql01.contoso.com'],
    recoveries: [by('sql01.contoso.com', 'central-management')],
    ran: [...central, ...poolData, ...services],
    acts: [
      ...[...machine('sql01'), sql(rtc('sql01')), ...centralStore(rtc('sql01'))],
      ...['enable-topology contoso', ...topology, ...databases(rtc('sql01'))],
    ],
  },
]
