/** What probes can see, one line per kind of fact; `observed/probes` has one probe per line. */
import type { Time } from '../base/time.ts'

export interface DatabaseFacts {
  name: string
  /** `sys.database_recovery_status.database_guid`; null where the login may not see it. */
  guid: string | null
  /** `ONLINE`, `RESTORING`, `SUSPECT`, ... as the engine says. */
  state: string
  /** `SIMPLE`, `FULL` or `BULK_LOGGED`. */
  recoveryModel: string
  createdAt: Time | null
  /** `PRINCIPAL` or `MIRROR`; null when the database is not mirrored. */
  mirroringRole: string | null
  /** Role in its availability group: `PRIMARY` or `SECONDARY`; null outside one. */
  replicaRole: string | null
}

export interface Facts {
  /** The Git source, which reports itself like any probe. Subject: the deployment's name, or `git` before one is known. */
  source: {
    /** Commit at the head of the branch; null when it was never read. */
    head: string | null
    /** Revision whose desired state is in force; null when none was ever valid. */
    lastGood: string | null
    /** Last time the repository answered. */
    fetchedAt: Time | null
    /** Why the repository could not be read now; null when it could. */
    unreachable: string | null
    /** Every fault of the head revision as `file:line:column: message`; empty when it is valid. */
    invalid: readonly string[]
    /** True: the head does not descend from the revision that was in force before it. */
    rewritten?: boolean
  }
  /** Subject: the location's name. */
  location: {
    /** Null where the share holds no identity yet. */
    identity: { id: string; deployment: string; owner: string } | null
    /** The owner id of the daemon that looked. */
    us: string
    freeBytes: number
    totalBytes: number
    /** Clock of the share minus ours; null where it is not known. */
    clockOffsetSeconds: number | null
    /** Policy -> id of the set that `current/<policy>.txt` names; no entry, or null, where there is no such file. */
    pointers: Readonly<Record<string, string | null>>
  }
  /** Subject: the DNS name asked for (A and AAAA, or SRV). */
  dns: { answers: readonly string[] }
  /** Subject: host FQDN; `port` tells which listener. */
  tls: { port: number; subject: string; names: readonly string[]; issuer: string; thumbprint: string; expiresAt: Time }
  /** Subject: `host\instance`. */
  sqlInstance: {
    version: string
    edition: string
    machine: string
    databases: readonly DatabaseFacts[]
    /** True: our configuration lets the connection be TLS 1.0. */
    oldTlsAllowed?: boolean
  }
  /** Subject: UNC path. */
  fileStore: { folders: readonly string[] }
}
