import { spawnSync } from 'node:child_process'

export interface Batch {
  name: string
  text: string
}

/** What the vendor's parser says of one batch. */
export interface Parsed {
  name: string
  /** Number of a grammar (100 is that of SQL Server 2008 and 2008 R2) -> what is wrong by it. */
  errors: Readonly<Record<string, readonly string[]>>
  /** What the grammars do not judge, such as `function QUOTENAME`, `column sys.databases.name`, `option BACKUP Stats`. */
  names: readonly string[]
}

/** Starts the program of `npm run setup:tests` once for all of them. */
export function parseAll(program: string, batches: readonly Batch[]): Parsed[] {
  const input = JSON.stringify(batches)
  const { status, stdout, stderr } = spawnSync('dotnet', [program], { input, encoding: 'utf8', maxBuffer: 1e8 })
  if (status !== 0) throw new Error(`The parser ended with ${status ?? 'a signal'}: ${stderr}`)
  return JSON.parse(stdout) as Parsed[]
}
