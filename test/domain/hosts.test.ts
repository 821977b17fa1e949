import { describe, expect, it } from 'vitest'
import { countSubjects, hosts } from '../../src/domain/hosts.ts'
import { desiredState, fileStore, pool, sqlStore } from '../support/desired.ts'

const mirrored = sqlStore('sql01.contoso.com', 'rtc', {
  highAvailability: {
    kind: 'mirror',
    partner: { host: 'sql02.contoso.com', instance: 'rtc' },
    witness: 'witness.contoso.com\\w',
  },
})

const desired = desiredState({
  pools: [
    pool('pool01.contoso.com', 'front-end', { servers: ['fe02.contoso.com', 'fe01.contoso.com'] }),
    pool('se01.contoso.com', 'standard-edition'),
  ],
  sqlStores: [
    mirrored,
    sqlStore('SE01.contoso.com'),
    sqlStore('listener.contoso.com', '', {
      highAvailability: {
        kind: 'availability-group',
        listener: 'listener.contoso.com',
        replicas: ['node1.contoso.com\\x', 'node2.contoso.com'],
      },
    }),
    sqlStore('cluster.contoso.com', '', { highAvailability: { kind: 'failover-cluster', nodes: ['c1.contoso.com'] } }),
    sqlStore('ag2.contoso.com', '', {
      highAvailability: { kind: 'availability-group', listener: 'ag2.contoso.com', replicas: [] },
    }),
    sqlStore('cluster2.contoso.com', '', { highAvailability: { kind: 'failover-cluster', nodes: [] } }),
  ],
  fileStores: [fileStore('\\\\fs01.contoso.com\\Share'), fileStore('\\\\CONTOSO.com\\dfs'), fileStore('no unc path')],
})

describe('the hosts of a topology', () => {
  it('are all machines, with what they are for and their pool', () => {
    const rows = hosts(desired).map(({ fqdn, roles, pool: of }) => `${fqdn} ${roles.join('+')} ${of ?? '-'}`)
    expect(rows).toEqual([
      'ag2.contoso.com sql-server -',
      'c1.contoso.com sql-server -',
      'cluster2.contoso.com sql-server -',
      'fe01.contoso.com front-end pool01.contoso.com',
      'fe02.contoso.com front-end pool01.contoso.com',
      'fs01.contoso.com file-server -',
      'node1.contoso.com sql-server -',
      'node2.contoso.com sql-server -',
      'se01.contoso.com sql-server+standard-edition se01.contoso.com',
      'sql01.contoso.com sql-server -',
      'sql02.contoso.com sql-server -',
      'witness.contoso.com witness -',
    ])
  })

  it('hold neither names of clusters with known nodes, nor DFS namespaces, nor backup servers', () => {
    const names = hosts(desired).map(({ fqdn }) => fqdn)
    for (const name of ['listener.contoso.com', 'cluster.contoso.com', 'CONTOSO.com', 'backup01.contoso.com'])
      expect(names).not.toContain(name)
  })
})

it('counts what a revision names', () => {
  // 2 pools with 3 servers, 6 SQL stores, 3 file stores, 1 location, 1 policy
  expect(countSubjects(desired)).toBe(16)
})
