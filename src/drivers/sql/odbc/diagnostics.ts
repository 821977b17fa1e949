/** What ODBC drivers say, in the terms of the other client: numbers of the engine, codes of Node.js. */
import { Problem } from '../../../base/problem.ts'
import type { SqlTarget } from '../target.ts'
import type { Diagnostic } from './protocol.ts'

/** The errors of one failure in the order in which the driver tells them; the last carries those before it. */
export function odbcError(diagnostics: readonly Diagnostic[]): Error {
  const isWarning = ({ state }: Diagnostic): boolean => state.startsWith(warning)
  // FreeTDS tells why it failed as a warning.
  const reasons = diagnostics.filter((one) => isWarning(one) && clientCodes[one.code] !== undefined)
  const errors = [...reasons, ...diagnostics.filter((one) => !isWarning(one))].map(asError)
  const last = errors.pop() ?? new Error(diagnostics.at(-1)?.message ?? 'The ODBC driver gave no reason.')
  return Object.assign(last, { precedingErrors: errors })
}

/** SQLSTATE class of what is no error: then the words of the server while it works. */
const warning = '01'

/**
 * The driver manager does not know the driver, or cannot load it: class IM; that of unixODBC reports the second as nothing
 * but a warning.
 */
export function isDriverMissing(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.every(({ state, code }) => state.startsWith('IM') || (state.startsWith(warning) && code === 0))
}

export function driverMissing({ subject, login }: SqlTarget, reason: string): Problem {
  return new Problem('sql-driver-missing', {
    subject,
    message: `The ODBC driver ${login.odbcDriver} cannot be used: ${reason}`,
    hint: 'Install that driver on this machine, or give the name of one that is installed as sql.odbcDriver in holdfast.yaml.',
  })
}

export function packageMissing({ subject }: SqlTarget, reason: string): Problem {
  return new Problem('sql-driver-missing', {
    subject,
    message: `Integrated authentication needs the package msnodesqlv8, which cannot be loaded: ${reason}`,
    hint: 'Run npm ci again in the folder of Holdfast, without --omit=optional; on Linux install unixODBC. Or give `sql: { user, password }` (and `domain` for NTLM) in holdfast.yaml.',
  })
}

function asError({ state, code, message }: Diagnostic): Error {
  const client = clientCodes[code] ?? (code <= 0 ? clientStates[state] : undefined)
  if (client !== undefined) return Object.assign(new Error(message), { code: client })
  return Object.assign(new Error(message), { number: code })
}

/** By SQLSTATE, where the driver has no number to add. */
const clientStates: Readonly<Record<string, string>> = {
  '08001': 'EHOSTUNREACH',
  '08004': 'ECONNREFUSED',
  '08S01': 'ECONNRESET',
  '08003': 'ECONNRESET',
  '08007': 'ECONNRESET',
  HY000: 'ESOCKET', // the engine would have told a number: FreeTDS, of a connection that is gone
  HYT00: 'ETIMEDOUT',
  HYT01: 'ETIMEDOUT',
  HY008: 'ECANCEL',
  '28000': 'ELOGIN',
}

/**
 * Numbers that are not the engine's: of Windows and its sockets, as Microsoft's driver passes them on (document "System Error
 * Codes"), of Windows' TLS and Kerberos (document "SSPI Status Codes"), and of FreeTDS (its `sybdb.h`).
 */
const clientCodes: Readonly<Record<number, string>> = {
  53: 'EHOSTUNREACH',
  64: 'ECONNRESET',
  121: 'ETIMEDOUT',
  233: 'ECONNRESET',
  258: 'ETIMEDOUT',
  1225: 'ECONNREFUSED',
  1231: 'EHOSTUNREACH',
  10051: 'ENETUNREACH',
  10053: 'ECONNRESET',
  10054: 'ECONNRESET',
  10060: 'ETIMEDOUT',
  10061: 'ECONNREFUSED',
  10065: 'EHOSTUNREACH',
  11001: 'ENOTFOUND',
  11002: 'EAI_AGAIN',
  11004: 'ENOTFOUND',
  [sspi(0x80090303)]: 'ESSPI', // the name of the service is not known
  [sspi(0x8009030c)]: 'ESSPI',
  [sspi(0x8009030e)]: 'ESSPI', // nobody is logged in
  [sspi(0x80090311)]: 'EDOMAIN', // no domain controller
  [sspi(0x80090322)]: 'ERR_TLS_CERT_ALTNAME_INVALID',
  [sspi(0x80090325)]: 'CERT_UNTRUSTED',
  [sspi(0x80090326)]: 'EPROTO',
  [sspi(0x80090328)]: 'CERT_HAS_EXPIRED',
  [sspi(0x80090331)]: 'EPROTO', // no common algorithm
  20003: 'ETIMEDOUT',
  20004: 'ECONNRESET',
  20006: 'ECONNRESET',
  20009: 'ECONNREFUSED',
  20013: 'ENOTFOUND',
  20017: 'ECONNRESET',
  20047: 'ECONNRESET',
  20214: 'ESSPI', // no ticket
}

/** As the driver hands it over: a signed number. */
function sspi(status: number): number {
  return status | 0
}
