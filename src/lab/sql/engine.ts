import type { SqlDatabase, SqlLogin, SqlServerFacts } from './facts.ts'

/**
 * What Windows of the machine says to the token of a login: whose it is, as `DOMAIN\\user`, and what goes back to the client;
 * null: not one that it trusts.
 */
export type Domain = (token: Buffer) => { account: string; answer: Buffer } | null

/** One instance while it runs: what its facts do not tell. */
export interface Engine {
  facts(): SqlServerFacts
  /** To be called after the facts were changed. */
  changed(): void
  /** A Windows or UNC path -> as this machine reaches it. Throws like a file call. */
  toLocal(path: string): string
  domain: Domain
  /** Whether programs of other machines are in a database: each comes back as soon as it is let in. */
  isHeld(database: string): boolean
  /** Ends connections; keys are session ids. */
  sessions: Map<number, Session>
  /** Fires when the server ends. */
  stopped: AbortSignal
}

export interface Session {
  id: number
  login: SqlLogin
  database: string
  /** Where the login put it, and a reset puts it back. */
  homeDatabase: string
  application: string
  hostName: string
  /** UTC. */
  loginAt: Date
  request: ActiveRequest | null
  /** Cuts the client's connection without a word. */
  drop(): void
  /** Ends the session as KILL does. */
  kill(): void
}

export interface ActiveRequest {
  command: string
  database: string
  /** UTC. */
  startedAt: Date
  percent: number
}

/** The machine's clock, UTC. */
export function utcNow(facts: SqlServerFacts): Date {
  return new Date(Date.now() + facts.clockOffsetSeconds * 1000)
}

/** A UTC time as the machine's local wall time. */
export function localTime(facts: SqlServerFacts, utc: Date | string): Date {
  return new Date(new Date(utc).getTime() + facts.utcOffsetMinutes * 60_000)
}

export const systemDatabases = ['master', 'tempdb', 'model', 'msdb'] as const

/** `database_id` as the server numbers them: system databases first. */
export function databaseId(facts: SqlServerFacts, name: string): number | null {
  const folded = name.toLowerCase()
  const system = systemDatabases.findIndex((known) => known === folded)
  if (system >= 0) return system + 1
  const user = facts.databases.findIndex((database) => database.name.toLowerCase() === folded)
  return user < 0 ? null : user + 5
}

export function databaseName(facts: SqlServerFacts, id: number): string | null {
  return systemDatabases[id - 1] ?? facts.databases[id - 5]?.name ?? null
}

export function findDatabase(facts: SqlServerFacts, name: string): SqlDatabase | undefined {
  return facts.databases.find((database) => database.name.toLowerCase() === name.toLowerCase())
}
