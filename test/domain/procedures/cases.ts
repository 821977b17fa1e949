import { lossOf } from '../../../src/domain/loss/loss.ts'
import type { Desired } from '../../../src/domain/model.ts'
import type { World } from '../../../src/domain/procedures/context.ts'
import { procedureOf } from '../../../src/domain/procedures/procedures.ts'
import type { Row } from '../../../src/domain/procedures/row.ts'
import { fileStore, policy, pool, sqlStore } from '../../support/desired.ts'
import { cluster, deploymentOf, frontEnds, group, mirrored, standardEdition } from './deployments.ts'

// What was lost, and the rows that bring it back: written by hand from the vendor's chapters, as the domain reference
// gives them (6.2 to 6.14).

const prepare = ['check-surroundings', 'check-restore-rights']
const server = ['rebuild-machine', 'restore-certificates', 'take-image']
const database = ['rebuild-machine', 'install-sql-server', 'take-image']
const twice = (rows: readonly string[]): string[] => rows.map((row) => `${row} x2`)
const wizard = ['install-local-store', 'install-components', 'assign-certificates', 'apply-updates']
const web = ['check-oauth-certificate', 'renew-kerberos-account']
const empty = ['download-topology', 'create-databases', 'update-databases']
const users = ['check-contact-store', 'stop-services *', 'import-user-data *', 'start-services *']
const usersFromSet = users.map((row) => `${row} [from-set]`)
const groups = ['import-response-groups *', 'check-response-groups']
const share = ['share-file-store', 'restore-file-store *']
const sql = ['restore-databases *', 'grant-database-roles']
const saved = 'save-local-replica'
/** The store made anew; `way`: the branch of the failover that leads here. */
function centralStore(way: readonly string[] = []): string[] {
  const on = (...further: string[]): string => {
    const all = [...way, ...further]
    return all.length === 0 ? '' : ` [${all.join(', ')}]`
  }
  return [
    `prove-store-empty${on()}`,
    `create-central-management-store${on()}`,
    `point-directory${on()}`,
    `? choose-configuration${on()}`,
    `import-local-replica${on('from-replica')}`,
    `import-configuration *${on('from-set')}`,
    'enable-topology',
  ]
}
const restore = ['restore']
/** The same where no server is left whose replica could be newer than the set. */
const centralStoreFromSet = [
  'prove-store-empty',
  'create-central-management-store',
  'point-directory',
  'import-configuration *',
  'enable-topology',
]

const rtc = sqlStore('sql01.contoso.com')
const mirror = mirrored('sql01.contoso.com', 'sql02.contoso.com', 'sql03.contoso.com')
const always = group('ag.contoso.com', 'n1.contoso.com', 'n2.contoso.com')
const clustered = cluster('cl.contoso.com', 'n1.contoso.com', 'n2.contoso.com')
const archive = sqlStore('sql05.contoso.com', '')
const archiveMirror = { ...mirrored('sql05.contoso.com', 'sql06.contoso.com'), name: 'archive' }
const chat = sqlStore('sql04.contoso.com', 'chat')
const local = fileStore(String.raw`\\se01.contoso.com\LyncShare`)
const dfs = fileStore(String.raw`\\contoso.com\Lync`)
const shared = fileStore(String.raw`\\fs01.contoso.com\Lync`)

const se = standardEdition('se01', { fileStore: local })
const ee = frontEnds('fe', rtc)
const eeOf = (store: typeof rtc): Desired => deploymentOf([frontEnds('fe', store)])
const chatPool = pool('pchat.contoso.com', 'persistent-chat', { stores: { persistentChat: chat } })
const seCentral = se.stores.user ?? null
const pair = [
  frontEnds('fe', rtc, { pairedWith: 'dr.contoso.com' }),
  frontEnds('dr', sqlStore('sql11.contoso.com'), { pairedWith: 'fe.contoso.com' }),
]
const pairOf2019 = [
  frontEnds('fe', rtc, { product: 'skype-for-business-2019', pairedWith: 'dr.contoso.com' }),
  frontEnds('dr', mirrored('sql11.contoso.com', 'sql12.contoso.com'), { pairedWith: 'fe.contoso.com' }),
]
const seOnly = standardEdition('se01')
const threeFrontEnds = pool('members.contoso.com', 'front-end', {
  servers: ['m1.contoso.com', 'm2.contoso.com', 'm3.contoso.com'],
  stores: { user: rtc },
})
/** Perhaps over two sites: with one server it could not be. */
const twoChatServers = pool('pchat.contoso.com', 'persistent-chat', {
  servers: ['c1.contoso.com', 'c2.contoso.com'],
  stores: { persistentChat: chat, compliance: chat },
})
const sePair = [
  standardEdition('se01', { pairedWith: 'se02.contoso.com' }),
  standardEdition('se02', { pairedWith: 'se01.contoso.com' }),
]
const sePairCentral = sePair[0]?.stores.user ?? null
const edge = pool('edge.contoso.com', 'edge', { servers: ['edge01.contoso.com'] })
const member = (type: 'front-end' | 'director' | 'mediation' | 'trusted-application' | 'persistent-chat'): Desired =>
  deploymentOf([pool('members.contoso.com', type, { servers: ['m1.contoso.com', 'm2.contoso.com'] })])
const wholeMember = [...server, ...wizard, 'start-server']

export interface Case {
  name: string
  desired: Desired
  /** First what is asked about, then what is lost as well. */
  lost: readonly string[]
  /** A mirror that nobody made principal: only of a lost Central Management store. */
  notTakenOver?: true
  rows: readonly string[]
}

export const cases: readonly Case[] = [
  // 6.4: Standard Edition.
  {
    name: 'a Standard Edition server',
    desired: deploymentOf([seOnly]),
    lost: ['se01.contoso.com'],
    rows: [
      ...prepare,
      ...server,
      'download-topology',
      ...wizard,
      'update-databases',
      'start-server',
      ...web,
      ...users,
      'check-replication *',
      'merge-one-user',
    ],
  },
  {
    name: 'a Standard Edition server with its file store and Response Groups',
    desired: deploymentOf([{ ...se, applications: ['response-group'] }]),
    lost: ['se01.contoso.com'],
    rows: [
      ...prepare,
      ...server,
      ...share,
      'enable-topology',
      'download-topology',
      ...wizard,
      'update-databases',
      'start-server',
      ...web,
      ...users,
      ...groups,
      'check-replication *',
      'merge-one-user',
    ],
  },
  {
    name: 'a Standard Edition server with the Central Management store',
    desired: deploymentOf([se], seCentral),
    lost: ['se01.contoso.com'],
    rows: [
      ...prepare,
      ...server,
      ...share,
      'prepare-first-standard-edition',
      'update-administrative-tools',
      ...centralStoreFromSet,
      'download-topology',
      ...wizard,
      'update-databases',
      'start-server',
      ...web,
      ...users,
      'import-locations *',
      'check-replication *',
      'merge-one-user',
    ],
  },
  {
    name: 'a Standard Edition server with the store, while other servers run: one of them may know more than the set',
    desired: deploymentOf([seOnly, ee], seOnly.stores.user),
    lost: ['se01.contoso.com'],
    rows: [
      ...prepare,
      saved,
      ...server,
      'prepare-first-standard-edition',
      'update-administrative-tools',
      ...centralStore(),
      'download-topology',
      ...wizard,
      'update-databases',
      'start-server',
      ...web,
      ...users,
      'import-locations *',
      'check-replication *',
      'merge-one-user',
    ],
  },
  {
    name: 'a Standard Edition server with the store, whose pair lives',
    desired: deploymentOf(sePair, sePairCentral),
    lost: ['se01.contoso.com'],
    rows: [
      ...prepare,
      saved,
      '? fail-over-central-management',
      '? fail-over-pool',
      ...server,
      'prepare-first-standard-edition [restore]',
      'update-administrative-tools [restore]',
      ...centralStore(restore),
      'download-topology',
      ...wizard,
      'update-databases',
      'start-server',
      ...web,
      'fail-back-pool * [failed-over]',
      ...usersFromSet,
      'import-locations *',
      'check-replication *',
      'merge-one-user',
      'name-store-in-git [failed-over]',
    ],
  },
  {
    name: 'both Standard Edition servers of a pair',
    desired: deploymentOf(sePair, sePairCentral),
    lost: ['se01.contoso.com', 'se02.contoso.com'],
    rows: [
      ...prepare,
      ...server,
      'prepare-first-standard-edition',
      'update-administrative-tools',
      ...centralStoreFromSet,
      'download-topology',
      ...wizard,
      'update-databases',
      'start-server',
      ...web,
      ...users,
      'import-locations *',
      'check-replication *',
      'merge-one-user',
    ],
  },
  {
    name: 'a Standard Edition server of a pair, without the store',
    desired: deploymentOf(sePair),
    lost: ['se01.contoso.com'],
    rows: [
      ...prepare,
      '? fail-over-pool',
      ...server,
      'download-topology',
      ...wizard,
      'update-databases',
      'start-server',
      ...web,
      'fail-back-pool * [failed-over]',
      ...usersFromSet,
      'check-replication *',
      'merge-one-user',
    ],
  },
  {
    name: 'a Standard Edition server of a pair with its file store',
    desired: deploymentOf([{ ...se, pairedWith: 'se02.contoso.com' }, standardEdition('se02')]),
    lost: ['se01.contoso.com'],
    rows: [
      ...prepare,
      '? fail-over-pool',
      ...server,
      ...share,
      'enable-topology',
      'download-topology',
      ...wizard,
      'update-databases',
      'start-server',
      ...web,
      'sync-conference-content *',
      'fail-back-pool * [failed-over]',
      ...usersFromSet,
      'check-replication *',
      'merge-one-user',
    ],
  },
  // 6.3 and 6.5: Enterprise Edition.
  {
    name: 'a Back End',
    desired: deploymentOf([ee]),
    lost: ['sql01.contoso.com'],
    rows: [...prepare, ...database, ...empty, ...users, 'merge-one-user'],
  },
  {
    name: 'a Back End with Response Groups',
    desired: deploymentOf([{ ...ee, applications: ['response-group'] }]),
    lost: ['sql01.contoso.com'],
    rows: [...prepare, ...database, ...empty, ...users, ...groups, 'merge-one-user'],
  },
  {
    name: 'a Back End with the Central Management store',
    desired: deploymentOf([ee], rtc),
    lost: ['sql01.contoso.com'],
    rows: [
      ...prepare,
      saved,
      ...database,
      ...centralStore(),
      ...empty,
      ...users,
      'import-locations *',
      'merge-one-user',
    ],
  },
  {
    name: 'a Back End with the store, whose pool is paired',
    desired: deploymentOf(pair, rtc),
    lost: ['sql01.contoso.com'],
    rows: [
      ...prepare,
      saved,
      '? fail-over-central-management',
      '? fail-over-pool',
      ...database,
      ...centralStore(restore),
      ...empty,
      'fail-back-pool * [failed-over]',
      ...usersFromSet,
      'import-locations *',
      'merge-one-user',
      'name-store-in-git [failed-over]',
    ],
  },
  {
    name: 'a Back End of 2019 with the store, whose partner has a mirror',
    desired: deploymentOf(pairOf2019, rtc),
    lost: ['sql01.contoso.com'],
    rows: [
      ...prepare,
      saved,
      '? fail-over-central-management',
      '? fail-over-pool',
      ...database,
      ...centralStore(restore),
      ...empty,
      'fail-back-pool * [failed-over]',
      ...usersFromSet,
      'import-locations *',
      'merge-one-user',
      'name-store-in-git [failed-over]',
    ],
  },
  {
    name: 'a Back End of a pair',
    desired: deploymentOf(pair),
    lost: ['sql01.contoso.com'],
    rows: [
      ...prepare,
      '? fail-over-pool',
      ...database,
      ...empty,
      'fail-back-pool * [failed-over]',
      ...usersFromSet,
      'merge-one-user',
    ],
  },
  {
    name: 'a Back End of a pair in front of which an Edge pool stands',
    desired: deploymentOf([...pair, edge]),
    lost: ['sql01.contoso.com'],
    rows: [
      ...prepare,
      're-point-edge',
      '? fail-over-pool',
      ...database,
      ...empty,
      'fail-back-pool * [failed-over]',
      'point-edge-back [failed-over]',
      ...usersFromSet,
      'merge-one-user',
    ],
  },
  {
    name: 'a Back End with the store, both pools of the pair lost',
    desired: deploymentOf(pair, rtc),
    lost: ['sql01.contoso.com', 'sql11.contoso.com', 'dr-a.contoso.com', 'dr-b.contoso.com'],
    rows: [
      ...prepare,
      saved,
      ...database,
      ...centralStore(),
      ...empty,
      ...users,
      'import-locations *',
      'merge-one-user',
    ],
  },
  {
    name: 'a store of the Central Management alone',
    desired: deploymentOf([ee], sqlStore('cms.contoso.com')),
    lost: ['cms.contoso.com'],
    rows: [
      ...prepare,
      saved,
      ...database,
      ...centralStore(),
      'download-topology',
      'update-databases',
      'import-locations *',
    ],
  },
  {
    name: 'a Back End that holds monitoring too',
    desired: deploymentOf([frontEnds('fe', rtc, { stores: { monitoring: rtc } })]),
    lost: ['sql01.contoso.com'],
    rows: [
      ...prepare,
      ...database,
      ...empty,
      ...users,
      ...['restore-databases *', 'grant-database-roles'].map((row) => `${row} x2`),
      'restore-reports',
      'merge-one-user',
    ],
  },
  // 6.6: mirrors.
  {
    name: 'the published principal of a mirror',
    desired: eeOf(mirror),
    lost: ['sql01.contoso.com'],
    rows: [
      ...prepare,
      '? find-principal',
      'fail-over-mirror [principal-lost]',
      'point-pool-at-survivor [principal-lost]',
      'uninstall-mirror',
      ...database,
      'create-mirror',
      'swap-partners-in-git [principal-lost]',
      'restart-front-ends',
    ],
  },
  {
    name: 'the published mirror',
    desired: eeOf(mirror),
    lost: ['sql02.contoso.com'],
    rows: [
      ...prepare,
      '? find-principal',
      'fail-over-mirror [principal-lost]',
      'point-pool-at-survivor [principal-lost]',
      'uninstall-mirror',
      ...database,
      'create-mirror',
      'swap-partners-in-git [principal-lost]',
      'restart-front-ends',
    ],
  },
  {
    name: 'both partners of a mirror',
    desired: eeOf(mirror),
    lost: ['sql01.contoso.com', 'sql02.contoso.com'],
    rows: [...prepare, ...twice(database), ...empty, 'create-mirror', ...users, 'merge-one-user'],
  },
  {
    name: 'both partners of a mirror with the Central Management store',
    desired: deploymentOf([frontEnds('fe', mirror)], mirror),
    lost: ['sql01.contoso.com', 'sql02.contoso.com'],
    rows: [
      ...prepare,
      saved,
      ...twice(database),
      ...centralStore(),
      ...empty,
      'create-mirror',
      'point-directory-at-mirror',
      ...users,
      'import-locations *',
      'merge-one-user',
    ],
  },
  {
    name: 'one partner of a mirror with the store, which the other took over',
    desired: deploymentOf([frontEnds('fe', mirror)], mirror),
    lost: ['sql01.contoso.com'],
    rows: [
      ...prepare,
      '? find-principal',
      'fail-over-mirror [principal-lost]',
      'point-directory-at-survivor [principal-lost]',
      'point-pool-at-survivor [principal-lost]',
      'uninstall-mirror',
      ...database,
      'create-mirror',
      'point-directory-at-mirror',
      'swap-partners-in-git [principal-lost]',
      'restart-front-ends',
    ],
  },
  {
    name: 'one partner of a mirror with the store, which nobody took over',
    desired: deploymentOf([frontEnds('fe', mirror)], mirror),
    lost: ['sql01.contoso.com'],
    notTakenOver: true,
    rows: [
      ...prepare,
      saved,
      'back-up-surviving-mirror',
      ...database,
      ...centralStore(),
      ...empty,
      'create-mirror',
      'point-directory-at-mirror',
      ...users,
      'import-locations *',
      'merge-one-user',
    ],
  },
  {
    name: 'a witness',
    desired: eeOf(mirror),
    lost: ['sql03.contoso.com'],
    rows: [...prepare, ...database, 'restore-witness'],
  },
  {
    name: 'both partners of a mirrored archive: RESTORE before the mirror',
    desired: deploymentOf([frontEnds('fe', rtc, { stores: { archiving: archiveMirror } })]),
    lost: ['sql05.contoso.com', 'sql06.contoso.com'],
    rows: [...prepare, ...twice(database), ...empty, ...sql, 'create-mirror'],
  },
  {
    name: 'one partner of a mirrored archive: nothing is restored',
    desired: deploymentOf([frontEnds('fe', rtc, { stores: { archiving: archiveMirror } })]),
    lost: ['sql06.contoso.com'],
    rows: [
      ...prepare,
      '? find-principal',
      'fail-over-mirror [principal-lost]',
      'point-pool-at-survivor [principal-lost]',
      'uninstall-mirror',
      ...database,
      'create-mirror',
      'swap-partners-in-git [principal-lost]',
      'restart-front-ends',
    ],
  },
  // 6.14: groups and clusters.
  {
    name: 'an availability group as a whole',
    desired: eeOf(always),
    lost: ['n1.contoso.com', 'n2.contoso.com'],
    rows: [
      ...prepare,
      'rebuild-machine x2',
      'build-windows-cluster',
      'install-sql-server x2',
      'take-image x2',
      'create-availability-group',
      ...empty,
      'join-availability-group',
      ...users,
      'merge-one-user',
    ],
  },
  {
    name: 'an availability group that holds monitoring: RESTORE before it joins',
    desired: deploymentOf([frontEnds('fe', rtc, { stores: { monitoring: always } })]),
    lost: ['n1.contoso.com', 'n2.contoso.com'],
    rows: [
      ...prepare,
      'rebuild-machine x2',
      'build-windows-cluster',
      'install-sql-server x2',
      'take-image x2',
      'create-availability-group',
      ...empty,
      'restore-databases * x2',
      'grant-database-roles x2',
      'restore-reports',
      'join-availability-group',
    ],
  },
  { name: 'one replica of a group', desired: eeOf(always), lost: ['n1.contoso.com'], rows: [] },
  {
    name: 'a failover cluster as a whole',
    desired: eeOf(clustered),
    lost: ['n1.contoso.com', 'n2.contoso.com'],
    rows: [
      ...prepare,
      'rebuild-machine x2',
      'build-windows-cluster',
      'install-sql-server x2',
      'take-image x2',
      ...empty,
      ...users,
      'merge-one-user',
    ],
  },
  {
    name: 'a failover cluster with the Central Management store',
    desired: deploymentOf([frontEnds('fe', clustered)], clustered),
    lost: ['n1.contoso.com', 'n2.contoso.com'],
    rows: [
      ...prepare,
      saved,
      'rebuild-machine x2',
      'build-windows-cluster',
      'install-sql-server x2',
      'take-image x2',
      ...centralStore(),
      ...empty,
      ...users,
      'import-locations *',
      'merge-one-user',
    ],
  },
  { name: 'one node of a cluster', desired: eeOf(clustered), lost: ['n1.contoso.com'], rows: [] },
  // 6.7: members.
  {
    name: 'a Front End',
    desired: deploymentOf([ee]),
    lost: ['fe-a.contoso.com'],
    rows: [...prepare, '? check-fabric', 'remove-machine-state [waits]', ...wholeMember, ...web, 'check-replication *'],
  },
  {
    name: 'a Front End of three: the others have a quorum',
    desired: deploymentOf([threeFrontEnds]),
    lost: ['m1.contoso.com'],
    rows: [...prepare, '? check-fabric', 'remove-machine-state [waits]', ...wholeMember, ...web, 'check-replication *'],
  },
  {
    name: 'a Front End of three while another is lost: the last one is below quorum',
    desired: deploymentOf([threeFrontEnds]),
    lost: ['m1.contoso.com', 'm3.contoso.com'],
    rows: [
      ...prepare,
      '? decide-on-quorum',
      'recover-quorum [reset]',
      '? check-fabric',
      'remove-machine-state [waits]',
      ...wholeMember,
      ...web,
      'check-replication *',
    ],
  },
  {
    name: 'a Director',
    desired: member('director'),
    lost: ['m1.contoso.com'],
    rows: [...prepare, ...wholeMember, ...web, 'check-replication *'],
  },
  {
    name: 'a Mediation Server',
    desired: member('mediation'),
    lost: ['m1.contoso.com'],
    rows: [...prepare, ...wholeMember, 'check-replication *'],
  },
  {
    name: 'a Persistent Chat server',
    desired: member('persistent-chat'),
    lost: ['m1.contoso.com'],
    rows: [...prepare, ...wholeMember, 'check-replication *'],
  },
  {
    name: 'a trusted application server',
    desired: member('trusted-application'),
    lost: ['m1.contoso.com'],
    rows: [...prepare, ...wholeMember, 'check-replication *'],
  },
  {
    name: 'an Edge Server, from a file',
    desired: deploymentOf([ee, edge]),
    lost: ['edge01.contoso.com'],
    rows: [...prepare, ...server, 'export-for-edge', ...wizard, 'start-server', 'check-replication *'],
  },
  {
    name: 'a Survivable Branch Appliance',
    desired: deploymentOf([ee, pool('sba.contoso.com', 'survivable-branch')]),
    lost: ['sba.contoso.com'],
    rows: [],
  },
  // 6.8 and 6.9: archives and Persistent Chat.
  {
    name: 'the archiving database',
    desired: deploymentOf([frontEnds('fe', rtc, { stores: { archiving: archive } })]),
    lost: ['sql05.contoso.com'],
    rows: [...prepare, ...database, ...empty, ...sql],
  },
  {
    name: 'the monitoring databases',
    desired: deploymentOf([frontEnds('fe', rtc, { stores: { monitoring: archive } })]),
    lost: ['sql05.contoso.com'],
    rows: [...prepare, ...database, ...empty, 'restore-databases * x2', 'grant-database-roles x2', 'restore-reports'],
  },
  {
    name: 'the Persistent Chat database, kept by SQL',
    desired: deploymentOf([ee, chatPool]),
    lost: ['sql04.contoso.com'],
    rows: [...prepare, ...database, ...empty, 'clear-active-chat-servers', ...sql, 'set-active-chat-servers'],
  },
  {
    name: 'the Persistent Chat database, kept by cmdlet',
    desired: deploymentOf([ee, chatPool], null, { policies: [policy('nightly', { persistentChat: 'cmdlet' })] }),
    lost: ['sql04.contoso.com'],
    rows: [...prepare, ...database, ...empty, 'import-persistent-chat *'],
  },
  {
    name: 'the databases of a Persistent Chat pool that may be stretched, kept by SQL',
    desired: deploymentOf([ee, twoChatServers]),
    lost: ['sql04.contoso.com'],
    rows: [
      ...prepare,
      '? fail-over-chat',
      ...database,
      ...empty,
      'clear-active-chat-servers',
      'restore-databases * [from-set]',
      'fail-back-chat [failed-over]',
      'grant-database-roles',
      'set-active-chat-servers',
      'restore-log-shipping [failed-over]',
      'tell-compliance-gap',
    ],
  },
  {
    name: 'the same, kept by cmdlet',
    desired: deploymentOf([ee, twoChatServers], null, {
      policies: [policy('nightly', { persistentChat: 'cmdlet' })],
    }),
    lost: ['sql04.contoso.com'],
    rows: [
      ...prepare,
      '? fail-over-chat',
      ...database,
      ...empty,
      'clear-active-chat-servers',
      'import-persistent-chat * [from-set]',
      'fail-back-chat [failed-over]',
      'set-active-chat-servers',
      'restore-log-shipping [failed-over]',
      'tell-compliance-gap',
    ],
  },
  {
    name: 'the same with all chat servers: nobody is left to fail over to',
    desired: deploymentOf([ee, twoChatServers]),
    lost: ['sql04.contoso.com', 'c1.contoso.com', 'c2.contoso.com'],
    rows: [
      ...prepare,
      ...database,
      ...empty,
      'clear-active-chat-servers',
      ...sql,
      'set-active-chat-servers',
      'tell-compliance-gap',
    ],
  },
  // One database alone on a server that lives.
  {
    name: 'LcsCDR alone',
    desired: deploymentOf([frontEnds('fe', rtc, { stores: { monitoring: archive } })]),
    lost: ['sql05.contoso.com/LcsCDR'],
    rows: [...prepare, ...empty, ...sql],
  },
  {
    name: 'mgc alone',
    desired: deploymentOf([ee, chatPool]),
    lost: [String.raw`sql04.contoso.com\chat/mgc`],
    rows: [...prepare, ...empty, 'clear-active-chat-servers', ...sql, 'set-active-chat-servers'],
  },
  {
    name: 'rtcxds alone, on a Standard Edition server',
    desired: deploymentOf([se]),
    lost: [String.raw`se01.contoso.com\rtc/rtcxds`],
    rows: [...prepare, 'download-topology', 'create-local-databases', 'update-databases', ...users, 'merge-one-user'],
  },
  {
    name: 'xds alone: what is left of the store stays',
    desired: deploymentOf([ee], rtc),
    lost: [String.raw`sql01.contoso.com\rtc/xds`],
    rows: [...prepare, saved, ...centralStore().slice(1), 'download-topology', 'update-databases'],
  },
  {
    name: 'lis alone: the store lives',
    desired: deploymentOf(pair, rtc),
    lost: [String.raw`sql01.contoso.com\rtc/lis`],
    rows: [
      ...prepare,
      saved,
      'create-central-management-store',
      'download-topology',
      'update-databases',
      'import-locations *',
    ],
  },
  // 6.10: file stores.
  {
    name: 'a file server',
    desired: deploymentOf([{ ...ee, fileStore: shared }]),
    lost: ['fs01.contoso.com'],
    rows: [...prepare, 'rebuild-machine', 'take-image', ...share, 'enable-topology'],
  },
  {
    name: 'a file server of a pool whose pair lives: the partner has newer conference content',
    desired: deploymentOf([{ ...pair[0]!, fileStore: shared }, pair[1]!]),
    lost: ['fs01.contoso.com'],
    rows: [...prepare, 'rebuild-machine', 'take-image', ...share, 'enable-topology', 'sync-conference-content *'],
  },
  {
    name: 'a share whose servers live',
    desired: deploymentOf([{ ...ee, fileStore: dfs }]),
    lost: [dfs.path],
    rows: [...prepare, ...share, 'enable-topology'],
  },
  // 6.1: whole pools.
  {
    name: 'a whole pool with its Back End',
    desired: deploymentOf([ee]),
    lost: ['fe.contoso.com'],
    rows: [
      ...prepare,
      'rebuild-machine x3',
      'install-sql-server',
      'restore-certificates x2',
      'take-image x3',
      'download-topology',
      'create-databases',
      ...twice(wizard),
      'update-databases',
      'start-server x2',
      ...web,
      'reset-pool',
      ...users,
      'check-replication * x2',
      'merge-one-user',
    ],
  },
  {
    name: 'a whole pool of a pair, with the Central Management store',
    desired: deploymentOf(pair, rtc),
    lost: ['fe.contoso.com'],
    rows: [
      ...prepare,
      saved,
      '? fail-over-central-management',
      '? fail-over-pool',
      'rebuild-machine x3',
      'install-sql-server',
      'restore-certificates x2',
      'take-image x3',
      ...centralStore(restore),
      'download-topology',
      'create-databases',
      ...twice(wizard),
      'update-databases',
      'start-server x2',
      ...web,
      'reset-pool',
      'fail-back-pool * [failed-over]',
      ...usersFromSet,
      'import-locations *',
      'check-replication * x2',
      'merge-one-user',
      'name-store-in-git [failed-over]',
    ],
  },
  {
    name: 'a whole Mediation pool',
    desired: member('mediation'),
    lost: ['members.contoso.com'],
    rows: [...prepare, ...twice(server), ...twice(wizard), 'start-server x2', 'check-replication * x2'],
  },
]

/** The procedure of a case. */
export function rowsOfCase({ desired, lost, notTakenOver }: Case, copyOf: World['copyOf'] = () => null): Row[] {
  const [subject = '', ...others] = lost
  const isLost = (host: string): boolean => others.includes(host)
  const loss = lossOf(subject, desired, { isLost, isTakenOver: () => notTakenOver !== true })
  if (!loss) throw new Error(`${subject} is not in the topology.`)
  return procedureOf(loss, desired, { copyOf, isLost })
}
