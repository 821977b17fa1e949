import type { Command } from 'commander'

export type Output = 'text' | 'json' | 'markdown'

/** Where a command reads its surroundings from and writes to; tests give their own. */
export interface Terminal {
  out(text: string): void
  err(text: string): void
  /** Standard output is a terminal: colour and progress are welcome. */
  readonly interactive: boolean
  /** How wide text may be: a terminal's own width within reason, 80 where there is none. */
  readonly columns: number
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborted when the process is asked to stop. */
  readonly signal: AbortSignal
}

export interface Context {
  /** Absolute path given with --config, or `holdfast.yaml` in the current folder. */
  configFile: string
  output: Output
  terminal: Terminal
}

/**
 * Adds one command to the program. What its action returns is the exit code (design, section 9); what it throws is
 * printed by `main.ts`.
 */
export type AddCommand = (
  program: Command,
  run: (action: (context: Context) => Promise<number>) => Promise<void>,
) => void
