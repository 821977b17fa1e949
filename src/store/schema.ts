/** The tables as the newest migration leaves them. Times are RFC 3339 text, truth values 0 or 1, lists JSON. */
import type { JournalEntry } from '../domain/journal-entry.ts'

export interface LeaseRow {
  id: number
  owner: string | null
  host: string
  /** Boot and PID namespace; empty where they could not be read. */
  namespace: string
  pid: number
  /** Start of the process as the system tells it; empty where it does not. */
  processStart: string
  since: string
  renewedAt: string
  expiresAt: string
  passAt: string | null
}

export type JournalRow = JournalEntry

export interface RequestRow {
  id: string
  at: string
  actor: string
  wish: string
  answeredAt: string | null
  answer: string | null
}

export interface IntentRow {
  number: number
  id: string
  action: string
  startedAt: string
  setId: string | null
  request: string | null
  /** How far it is, where it says so. */
  percent: number | null
  /** 1: it reads its backup once more, and nothing else yet; null as 0. */
  reading: number | null
}

export interface AttemptRow {
  number: number
  action: string
  kind: string
  subject: string
  /** Folded for comparison. */
  subjectKey: string
  slot: string | null
  startedAt: string
  endedAt: string
  outcome: string
  message: string | null
  setId: string | null
  request: string | null
  problems: string | null
  /** Null: no problem ended it, or an older version did not keep it. */
  code: string | null
}

export interface SetRow {
  id: string
  policy: string
  location: string
  path: string
  unc: string
  revision: string
  cause: string
  slot: string | null
  whole: number
  state: string
  startedAt: string
  finishedAt: string | null
  bytes: number
  files: number
  shape: string
  figures: string
  commitSha256: string | null
}

export interface ProofRow {
  setId: string
  level: string
  outcome: string
  at: string
  damaged: string
}

/** What a run of ours wrote, or what somebody or Git speaks for; not vouched: what a first listing found. */
export interface CommitRow {
  setId: string
  sha256: string
  vouched: number
}

export interface VanishedRow {
  id: string
  location: string
  unc: string
  state: string
  startedAt: string
  bytes: number
  vanishedAt: string
}

export interface HeartbeatRow {
  /** Id on the share. */
  location: string
  beat: string
  /** What stood there when `beat` was about to be written. */
  before: string | null
}

export interface ObservationRow {
  fact: string
  subject: string
  at: string
  since: string
  source: string
  known: number
  content: string
}

export interface Tables {
  migration: { version: number; at: string }
  lease: LeaseRow
  journal: JournalRow
  /** Of one connection alone, while a former journal is brought in. */
  formerJournal: JournalRow
  journalHead: { id: number; sequence: number; hash: string }
  request: RequestRow
  intent: IntentRow
  attempt: AttemptRow
  backupSet: SetRow
  vanishedSet: VanishedRow
  commitRecord: CommitRow
  heartbeat: HeartbeatRow
  setShape: { hash: string; content: string }
  proof: ProofRow
  observation: ObservationRow
  remembered: { name: string; content: string }
}
