/** What the process of the connections is asked, and what it reports (`host.ts`). */

/** A message of the driver or of the server behind it (document "SQLGetDiagRec"). */
export interface Diagnostic {
  /** SQLSTATE, five characters. */
  state: string
  /** Number of SQL Server's error, or what the driver calls its own; 0: none. */
  code: number
  message: string
}

export type Order =
  | { kind: 'run'; id: number; connection: string; sql: string; values: readonly string[] }
  | { kind: 'cancel'; id: number }

export type Row = Record<string, unknown>

export type Report =
  /** The statement is on its way to the server. */
  | { kind: 'started'; id: number }
  | { kind: 'information'; id: number; diagnostic: Diagnostic }
  | { kind: 'rows'; id: number; rows: Row[] }
  /** No connection, or an error of the server; after a cancel that the server confirmed `cancelled` holds. */
  | { kind: 'failed'; id: number; at: 'connecting' | 'running'; cancelled: boolean; diagnostics: Diagnostic[] }
  /** The process ends. Id null: it cannot tell which statement has it. */
  | { kind: 'too-much'; id: number | null; of: 'rows' | 'bytes' }
  /** The package or its binary cannot be loaded here. */
  | { kind: 'unusable'; reason: string }
