import type { Statement } from './statements.ts'

/** How long a connection stays open: enough for the questions of one look; between the looks at hundreds of instances none does. */
export const idleMilliseconds = 10_000

export type Row = Readonly<Record<string, unknown>>

export interface AskOptions {
  signal: AbortSignal
  /** Messages of the server while it works: error number 0 to 10, and text in the server's language. */
  onMessage?: ((message: { number: number; message: string }) => void) | undefined
}

/** Connections to one instance, opened when first used; what breaks is thrown away and opened anew. */
export interface SqlConnections extends AsyncDisposable {
  /**
   * Rows of the first result. Values are bound as nvarchar. Aborting the signal cancels the work on the server: when
   * the signal's reason is thrown, the server said that it stopped. Throws a Problem for everything else.
   */
  query(statement: Statement, values: Readonly<Record<string, string>>, options: AskOptions): Promise<readonly Row[]>
}
