import type { RowRule } from './row.ts'

/** The end of every procedure that installed a role. */
export const checkingRules: readonly RowRule[] = [
  {
    id: 'check-replication',
    actor: 'holdfast',
    minutes: 10,
    of: ({ roleServers }) => roleServers,
    needs: ['=start-server', '@start-services', '@fail-back-pool'],
    title: (server) => `Check that the replica of ${server} is up to date and that its services run`,
    why: 'A server without a replica works with old settings.',
    operation: (server) => ({ kind: 'check-replication', server }),
    proves: 'UpToDate is True. Of an Edge Server it is the evidence, with its TLS port.',
    source: 'Get-CsManagementStoreReplicationStatus',
  },
]
