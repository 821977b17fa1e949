import type { Engine, Session } from '../engine.ts'
import type { EngineError } from '../errors.ts'
import type { SqlServerFacts } from '../facts.ts'
import type { SqlType, Value } from '../values.ts'
import type { Column } from '../wire/tokens.ts'

/** What the statements of one batch share. */
export interface Frame {
  engine: Engine
  session: Session
  variables: Map<string, { type: SqlType; value: Value }>
  /** The machine's clock, UTC, at the start of the statement: one for all its functions. */
  now: Date
  sink: Sink
  /** Fires when the client cancels, goes away, or is killed. */
  signal: AbortSignal
}

/** Where results go as they come. */
export interface Sink {
  columns(columns: readonly Column[]): void
  row(values: readonly Value[]): void
  /** End of a statement; null: it counts no rows. */
  done(count: number | null): void
  error(error: EngineError): void
  /** A message by its number, with what fills its places. */
  info(number: number, ...values: readonly (string | number)[]): void
  database(name: string, previous: string): void
}

export function factsOf(frame: Frame): SqlServerFacts {
  return frame.engine.facts()
}
