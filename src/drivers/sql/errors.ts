import { Problem } from '../../base/problem.ts'
import type { ProblemCode } from '../../base/problem-codes.ts'
import { clientErrors, deviceErrors, deviceNumbers, engineErrors, type Meaning } from './error-table.ts'

interface Fault {
  /** Error number of the engine; null for what happened on the way. */
  number: number | null
  /** Code of Node.js or of the client library. */
  code: string | null
  message: string
}

/** What the client library threw, as a Problem whose code names the cause and whose hint the remedy. */
export function sqlProblem(thrown: unknown, subject: string): Problem {
  if (thrown instanceof Problem) return thrown
  const faults = faultsOf(thrown)
  const [fault, meaning] = mostTelling(faults)
  return new Problem(meaning.code, { subject, message: tell(fault), hint: meaning.hint, cause: thrown })
}

const unreachableCodes: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'sql-connection-lost',
  'sql-refused',
  'sql-timeout',
  'sql-unreachable',
  'sql-name-not-found',
  'sql-browser-silent',
  'sql-instance-unknown',
  'sql-not-ready',
])

/** The instance did not answer, as while it restarts or the network is away: it may answer again by itself. */
export function isUnreachable(thrown: unknown): boolean {
  return thrown instanceof Problem && unreachableCodes.has(thrown.code)
}

/** True for the library's answer to a request that we cancelled. */
export function isCancelled(thrown: unknown): boolean {
  return faultsOf(thrown).some((fault) => fault.code === 'ECANCEL')
}

const failed: Meaning = { code: 'sql-failed', hint: 'The SQL Server error log of the instance may say more.' }

/** The engine reports several errors for one failure, the general one last; a library's wrapper says less than its cause. */
function mostTelling(faults: readonly Fault[]): [Fault, Meaning] {
  const known = faults.flatMap((fault): [Fault, Meaning][] => {
    const meaning = meaningOf(fault)
    return meaning ? [[fault, meaning]] : []
  })
  const telling = known.find(([, meaning]) => !general.has(meaning.code)) ?? known[0]
  if (telling) return telling
  const first = faults.find((fault) => fault.number !== null) ?? faults[0]
  return [first ?? { number: null, code: null, message: 'The instance gave no reason.' }, failed]
}

const general: ReadonlySet<ProblemCode> = new Set<ProblemCode>(['sql-connection-lost', 'sql-backup-failed'])

function meaningOf(fault: Fault): Meaning | null {
  if (fault.number !== null) {
    const system = deviceNumbers.includes(fault.number) ? systemError(fault.message) : null
    return (system === null ? undefined : deviceErrors.get(system)) ?? engineErrors.get(fault.number) ?? null
  }
  if (fault.code === null) return null
  const known = clientErrors[fault.code]
  if (known) return known
  if (fault.code.startsWith('ERR_SSL_')) return clientErrors['EPROTO'] ?? null
  return fault.code === 'ELOGIN' ? (engineErrors.get(18456) ?? null) : null
}

/** `... Operating system error 5(Access is denied.).` in any language: the number right before the parenthesis. */
function systemError(message: string): number | null {
  const match = /\b(\d{1,5})\s?\(/.exec(message)
  return match ? Number(match[1]) : null
}

function tell(fault: Fault): string {
  const message = fault.message.trim().replace(/\s+/g, ' ')
  return fault.number === null ? message : `SQL Server error ${fault.number}: ${message}`
}

/** Every error in what was thrown: those before it, it, and what it wraps; outermost last within each chain. */
function faultsOf(thrown: unknown, depth = 0): Fault[] {
  if (!(thrown instanceof Error) || depth > 6) return []
  const { precedingErrors, originalError, errors, cause } = thrown as Error & Record<string, unknown>
  const inner = [precedingErrors, errors].flatMap((list) => (Array.isArray(list) ? (list as unknown[]) : []))
  return [...inner, originalError, cause].flatMap((error) => faultsOf(error, depth + 1)).concat(faultOf(thrown))
}

function faultOf(error: Error & { number?: unknown; code?: unknown }): Fault {
  const number = typeof error.number === 'number' && error.number > 0 ? error.number : null
  return { number, code: typeof error.code === 'string' ? error.code : null, message: error.message }
}
