/** What the errors of the engine and of the way to it mean, and what an administrator does about them. */
import { rightsPage } from '../../domain/sql-rights.ts'
import type { ProblemCode } from '../../base/problem-codes.ts'

export interface Meaning {
  code: ProblemCode
  hint: string
}

const unreachable: Meaning = {
  code: 'sql-unreachable',
  hint: 'Check that the machine runs, routing and firewalls, and hosts.<fqdn>.address in holdfast.yaml.',
}
const lost: Meaning = {
  code: 'sql-connection-lost',
  hint: 'Look at the SQL Server error log and the network around this time. Reading is retried automatically.',
}
const nameNotFound: Meaning = {
  code: 'sql-name-not-found',
  hint: 'Fix the DNS record, or give hosts.<fqdn>.address in holdfast.yaml.',
}
const tlsVersion: Meaning = {
  code: 'sql-tls-version',
  hint: 'Patch SQL Server to a build that speaks TLS 1.2 (KB 3135244). Until then: hosts.<fqdn>.sql.allowOldTls: true in holdfast.yaml.',
}
const notTrusted: Meaning = {
  code: 'sql-certificate-not-trusted',
  hint: 'Give the issuing authority as `ca` under `sql` in holdfast.yaml, or set trustServerCertificate: true if you accept the risk.',
}
const expired: Meaning = {
  code: 'sql-certificate-expired',
  hint: 'Give SQL Server a valid certificate and restart its service; check the clocks of both machines.',
}
const timeout: Meaning = {
  code: 'sql-timeout',
  hint: 'Check that the machine runs, the port and the firewall; a fixed port is given under hosts.<fqdn>.sql.instances in holdfast.yaml.',
}
const untrustedDomain: Meaning = {
  code: 'sql-login-untrusted-domain',
  hint: 'Use an account of a domain that the server trusts, or a SQL login; NTLM may be switched off by policy.',
}
const domainUnreachable: Meaning = {
  code: 'sql-domain-unreachable',
  hint: 'The instance could not ask a domain controller about the account: check its connection to Active Directory.',
}

/** Codes of Node.js and of the client libraries; `ESSPI` and `EDOMAIN` are ours for what has no such code (`odbc/diagnostics.ts`). */
export const clientErrors: Readonly<Record<string, Meaning>> = {
  ENOTFOUND: nameNotFound,
  EAI_AGAIN: nameNotFound,
  ECONNREFUSED: {
    code: 'sql-refused',
    hint: 'Start the SQL Server service, switch on TCP/IP for the instance, and check the port.',
  },
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  EHOSTDOWN: unreachable,
  ETIMEDOUT: timeout,
  ETIMEOUT: timeout,
  EPROTO: tlsVersion,
  ERR_SSL_UNSUPPORTED_PROTOCOL: tlsVersion,
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: tlsVersion,
  ERR_SSL_LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED: tlsVersion,
  ERR_SSL_NO_PROTOCOLS_AVAILABLE: tlsVersion,
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: tlsVersion,
  'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE': tlsVersion,
  DEPTH_ZERO_SELF_SIGNED_CERT: notTrusted,
  SELF_SIGNED_CERT_IN_CHAIN: notTrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: notTrusted,
  UNABLE_TO_GET_ISSUER_CERT: notTrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: notTrusted,
  CERT_UNTRUSTED: notTrusted,
  CERT_SIGNATURE_FAILURE: notTrusted,
  CERT_REJECTED: notTrusted,
  CERT_REVOKED: notTrusted,
  INVALID_CA: notTrusted,
  INVALID_PURPOSE: notTrusted,
  CERT_HAS_EXPIRED: expired,
  CERT_NOT_YET_VALID: expired,
  ERR_TLS_CERT_ALTNAME_INVALID: {
    code: 'sql-certificate-name',
    hint: 'SQL Server needs a certificate that names the FQDN of the topology.',
  },
  EENCRYPT: {
    code: 'sql-encryption',
    hint: 'Set `encrypt` under `sql` in holdfast.yaml to what the server demands.',
  },
  ECONNRESET: lost,
  EPIPE: lost,
  ESOCKET: lost,
  ECLOSE: lost,
  ECONNCLOSED: lost,
  ENOTOPEN: lost,
  EINVALIDSTATE: lost,
  ESSPI: untrustedDomain,
  EDOMAIN: domainUnreachable,
}

const loginFailed: Meaning = {
  code: 'sql-login-failed',
  hint: 'Check user and password under `sql` in holdfast.yaml, that the login is enabled, and the login mode of the instance; the SQL Server error log shows the state of the error.',
}
const permission: Meaning = {
  code: 'sql-permission',
  hint: `Grant the login what it needs: ${rightsPage} lists every right.`,
}
const mirrored: Meaning = {
  code: 'sql-database-mirrored',
  hint: 'Remove mirroring, or the database from its availability group, restore, and set it up again afterwards.',
}
const inUse: Meaning = {
  code: 'sql-database-in-use',
  hint: 'Stop the programs that use the database: sys.dm_exec_sessions names them.',
}
const encrypted: Meaning = {
  code: 'database-encrypted',
  hint: 'Create the certificate that protects the database in master of this instance first: CREATE CERTIFICATE ... FROM FILE.',
}
const unavailable: Meaning = {
  code: 'sql-database-unavailable',
  hint: 'Bring the database online: SELECT name, state_desc FROM sys.databases shows its state, the SQL Server error log why.',
}
const notPrincipal: Meaning = {
  code: 'sql-not-principal',
  hint: 'Back up the partner that is principal or primary now; Holdfast does so at its next look at the roles.',
}
const deviceFailed: Meaning = {
  code: 'sql-device-failed',
  hint: 'Check the backup share and the path to it from the SQL Server machine.',
}
const backupFailed: Meaning = {
  code: 'sql-backup-failed',
  hint: 'The SQL Server error log says more. Holdfast tries again.',
}
const damaged: Meaning = {
  code: 'sql-backup-damaged',
  hint: 'Do not restore from this file. Make a new backup and look at the disks of the share.',
}
const notReady: Meaning = {
  code: 'sql-not-ready',
  hint: 'Wait until the instance has started, or finish its upgrade; the SQL Server error log shows the progress.',
}
const full: Meaning = {
  code: 'sql-server-full',
  hint: 'Make room on the disks of the SQL Server machine, and see who backs up the transaction logs.',
}

const consistency: Meaning = {
  code: 'sql-consistency-errors',
  hint: 'Run DBCC CHECKDB on the database itself. Where it finds the same, restore from an older set that passes.',
}

/** Errors that carry the operating system's own: on backup files, and on the files of a database that is restored. */
export const deviceNumbers: readonly number[] = [3201, 3202, 3203, 3271, 3634, 5120, 5123, 5133]

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}

/** Errors by which DBCC CHECKDB reports damage; those between say that it could not look. */
const checkdb: readonly number[] = [
  ...range(8904, 8914),
  ...range(8924, 8948),
  ...range(8951, 8956),
  ...range(8959, 8966),
  ...range(8969, 8998),
]

const numbers: readonly (readonly [Meaning, readonly number[]])[] = [
  [loginFailed, [18456, 18451, 18461, 18470, 18486, 18487, 18488]],
  [untrustedDomain, [18452, 17806]],
  [domainUnreachable, [15404]],
  [
    {
      code: 'sql-database-missing',
      hint: 'Compare the databases of the instance with the topology: the database is gone, or the login may not see it.',
    },
    [911],
  ],
  [unavailable, [4060, 4064, 921, 922, 924, 926, 927, 942, 945, 946, 952, 3414]],
  [notPrincipal, [954, 955, 976, 978, 979, 983, 3059]],
  [mirrored, [1468, 3104]],
  [inUse, [3101, 3102, 5064, 5070]],
  [encrypted, [33111]],
  [permission, [229, 230, 262, 297, 300, 371, 916, 3110, 15247, 15562]],
  [
    { code: 'sql-edition', hint: 'This edition does not do what was asked; report it with version and edition.' },
    [1844],
  ],
  [{ code: 'sql-newer-version', hint: 'Use an instance of the same or a newer version.' }, [3169, 3205]],
  [consistency, [...checkdb, 211, 605, 823, 824, 3043, 2511, 2533, 2570, 2576, 5228, 5229, 7985, 7987, 7988, 7995]],
  [damaged, [3183, 3187, 3189, 3240, 3241, 3242, 3243, 3246, 3247, 3248, 3249, 3250, 3254]],
  [{ code: 'sql-deadlock', hint: 'Nothing to do: the statement is retried.' }, [1205]],
  [full, [9002, 1101, 1105, 3257, 701, 802, 845, 8645]],
  [lost, [596, 4002, 4014]],
  [notReady, [3417, 17809, 904, 6004, 6005, 17142, 17187, 17188, 18401]],
  [deviceFailed, [...deviceNumbers, 3206, 3268, 3272, 1834]],
  [backupFailed, [3013, 3041, 3204, 3023]],
]

/** Error numbers of the engine (SQL Server: "Database Engine events and errors"). */
export const engineErrors: ReadonlyMap<number, Meaning> = new Map(
  numbers.flatMap(([meaning, of]) => of.map((number) => [number, meaning] as const)),
)

const pathMissing: Meaning = {
  code: 'sql-path-missing',
  hint: 'Check the share from the SQL Server machine; the path is opened by the account of its service, not by ours.',
}
const pathDenied: Meaning = {
  code: 'sql-path-denied',
  hint: 'Grant the account of the SQL Server service write on the share and its folder (a virtual account appears as DOMAIN\\HOST$).',
}
const shareFull: Meaning = { code: 'sql-share-full', hint: 'Make room on the backup share.' }

/** Windows error codes inside the device errors. */
export const deviceErrors: ReadonlyMap<number, Meaning> = new Map([
  [2, pathMissing],
  [3, pathMissing],
  [51, pathMissing],
  [123, pathMissing],
  [1203, pathMissing],
  [1231, pathMissing],
  [21, pathMissing],
  [53, pathMissing],
  [67, pathMissing],
  [161, pathMissing],
  [5, pathDenied],
  [65, pathDenied],
  [86, pathDenied],
  [1240, pathDenied],
  [1311, pathDenied],
  [1326, pathDenied],
  [1327, pathDenied],
  [1330, pathDenied],
  [1331, pathDenied],
  [1396, pathDenied],
  [1909, pathDenied],
  [38, damaged], // reached the end of the file
  [39, shareFull],
  [112, shareFull],
])
