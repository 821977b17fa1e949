import type { Frame } from '../run/frame.ts'
import type { SqlType, Value } from '../values.ts'

/** A row by column name; what is left out is NULL. */
export type Row = Record<string, Value>

/** A catalogue view: its columns in order and where its rows come from. */
export interface TableDefinition {
  columns: Record<string, SqlType | Since>
  /** Major version that first has it. */
  since?: number
  /** The permission without which error 300 or 229 answers. */
  needs?: 'server state' | 'msdb'
  /** `values` are the arguments where it is a function. */
  rows(frame: Frame, database: string, values: readonly Value[]): Row[]
}

/** A column that older versions do not have. */
export interface Since {
  since: number
  type: SqlType
}

export const since = (major: number, type: SqlType): Since => ({ since: major, type })
