/** The nouns of the design. The JSON shapes of the command line are these types plus presentation. */
import type { Time } from '../base/time.ts'
import type { Facts } from './facts.ts'

/** What a statement is about, as text; made and compared only by `subject.ts`. */
export type Subject = string
/** `<policy>/<folder name>` */
export type SetId = string

export const causes = ['scheduled', 'intentional', 'corrective', 'manual'] as const
export type Cause = (typeof causes)[number]

/** What a verification looked at; each level contains those before it, up to `content`. */
export const levels = ['structure', 'checksum', 'content', 'sql', 'restore'] as const
export type Level = (typeof levels)[number]

export const itemKinds = [
  'configuration',
  'location-information',
  'environment',
  'user-data',
  'response-groups',
  'call-park',
  'sql-database',
  'persistent-chat',
  'file-store',
] as const
export type ItemKind = (typeof itemKinds)[number]

/** One artefact that a set must hold. */
export interface Item {
  kind: ItemKind
  subject: Subject
}

/** What one probe saw of one subject. `since`: first seen with this value (or unknown) without a break. */
export type Observation<T> = { subject: Subject; at: Time; since: Time; source: string } & (
  { known: true; value: T } | { known: false; error: string }
)

export interface Observed {
  facts: { readonly [F in keyof Facts]: ReadonlyMap<Subject, Observation<Facts[F]>> }
  sets: readonly SetSummary[]
}

export const setStates = ['in-progress', 'complete', 'partial', 'interrupted', 'damaged'] as const
export type SetState = (typeof setStates)[number]

export const itemStates = ['ok', 'suspect', 'failed', 'skipped', 'damaged'] as const
export type ItemState = (typeof itemStates)[number]

export interface ItemOutcome extends Item {
  /** Relative to the set's folder, with `/`; a folder for file stores and the environment. */
  path: string
  outcome: ItemState
  bytes: number
  message?: string
  /** What can be counted in the artefact (users, files, ...), for comparison with the next one. */
  counts?: Record<string, number>
}

export interface Verification {
  level: Level
  at: Time
  outcome: 'ok' | 'damaged'
}

/** `backup-set.json` as written, plus what the catalogue knows. `required` is fixed at the start: a state needs no Git. */
export interface BackupSet {
  id: SetId
  policy: string
  /** Name of the location. */
  location: string
  /** Absolute, as this machine reaches it. */
  path: string
  unc: string
  revision: string
  cause: Cause
  slot: Time | null
  /** All items of the policy, or a part after a configuration change. */
  whole: boolean
  required: readonly Item[]
  items: readonly ItemOutcome[]
  state: SetState
  startedAt: Time
  finishedAt: Time | null
  bytes: number
  files: number
  verifications: readonly Verification[]
}

/** One fault of one file of a set; `file` relative to the set's folder, as in the manifest. */
export interface SetProblem {
  file: string
  kind: 'missing' | 'unexpected' | 'size' | 'checksum' | 'unreadable' | 'record' | 'manifest' | 'content'
  message: string
}

/** An item of a set that cannot be counted on. */
export interface FlawedItem extends Item {
  outcome: Exclude<ItemState, 'ok'>
}

/** What the planner sees of a set. `ok` is one shared list for all sets that hold the same items. */
export interface SetSummary {
  id: SetId
  policy: string
  location: string
  state: SetState
  whole: boolean
  slot: Time | null
  startedAt: Time
  finishedAt: Time | null
  bytes: number
  ok: readonly Item[]
  /** Items that are not ok and why, shared like `ok`; absent: none, or not known. */
  flawed?: readonly FlawedItem[]
  /** Newest time at which the set passed each level. */
  verified: Readonly<Partial<Record<Level, Time>>>
}

interface Wanted {
  /** Hash of the kind, the subject and what makes it due: nothing starts twice. */
  id: string
  subject: Subject
  cause: Cause
  /** One sentence for a person. */
  reason: string
  /** Who asked (`manual`), else null. */
  request: { id: string; actor: string } | null
}

export type Action = Wanted &
  (
    | { kind: 'create-backup-set'; policy: string; slot: Time | null; whole: boolean; items: readonly Item[] }
    | { kind: 'verify-backup-set'; set: SetId; level: Level }
    | { kind: 'point-backup'; policy: string; set: SetId }
    | { kind: 'take-over-location'; location: string }
  )
export type ActionKind = Action['kind']
export type ActionOf<K extends ActionKind> = Extract<Action, { kind: K }>

export const outcomes = ['done', 'partial', 'failed', 'refused', 'interrupted'] as const
export type Outcome = (typeof outcomes)[number]

/** The closed list of promises that Holdfast always answers for: one row per type and subject, also when all is well. */
export const conditionTypes = [
  'SourceFresh',
  'SourceValid',
  'SourceVerified',
  'LocationReady',
  'BackupCurrent',
  'Verified',
  'Restorable',
] as const
export type ConditionType = (typeof conditionTypes)[number]

export interface Condition {
  subject: Subject
  type: ConditionType
  status: 'true' | 'false' | 'unknown'
  /** One word in CamelCase, stable. */
  reason: string
  message: string
  since: Time
  /** The revision it was judged by; empty before any was applied. */
  revision: string
}

/** Something wrong in the world: a row only while it lasts. */
export interface Finding {
  code: string
  severity: 'warning' | 'error'
  subject: Subject
  desired: string
  observed: string
  since: Time
  message: string
}

/** What a host, a database or a file store is seen to be (design, section 6). A flag rises on the last three alone. */
export const classes = ['healthy', 'degraded', 'unreachable', 'unknown', 'absent', 'clean', 'half-built'] as const
export type Class = (typeof classes)[number]

/** The restore procedures (domain reference, section 6.1). */
export const scenarios = [
  'central-management',
  'standard-edition',
  'back-end',
  'mirror-partner',
  'member-server',
  'archiving-monitoring',
  'persistent-chat',
  'file-store',
  'pool',
] as const
export type Scenario = (typeof scenarios)[number]

/** A statement's ground: what was seen, where, when. */
export interface Evidence {
  fact: string
  value: string
  source: string
  observedAt: Time
  ageSeconds: number
}

/** `rebuild-required` on what must be rebuilt. */
export interface Flag {
  subject: Subject
  scenario: Scenario
  reason: string
  since: Time
  evidence: readonly Evidence[]
  /** Every class of the subject since the flag opened, in the order of `classes`. */
  seen: readonly Class[]
}

/** The class of one host, database or file store, and what made it. */
export interface Verdict {
  subject: Subject
  class: Class
  /** Since when it is so without a break, as far as the observations show. */
  since: Time
  /** One sentence for a person. */
  reason: string
  /** Made when it is asked for: most verdicts are never explained. */
  because(): readonly Evidence[]
}

export interface Standing {
  conditions: readonly Condition[]
  findings: readonly Finding[]
  flags: readonly Flag[]
}

/** A refusal: which guard, which actions, why, and the commit that overrides it. */
export interface Refusal {
  guard: string
  actions: readonly string[]
  /** Ids of the requests that asked for them: to be answered `refused`, for nothing will serve them. */
  requests: readonly string[]
  message: string
  override: string
}

export interface Plan extends Standing {
  revision: string
  at: Time
  /** Of the actions, without the time: the same wish has the same hash. */
  hash: string
  actions: readonly Action[]
  refused: readonly Refusal[]
}

export type Wish = { backup: string } | { verify: SetId | null; level: Level } | { takeOver: string }

/** Somebody's wish for an action now. */
export interface Request {
  id: string
  at: Time
  actor: string
  wish: Wish
}

/** How a past action ended. */
export interface Attempt {
  action: string
  kind: ActionKind
  subject: Subject
  slot: Time | null
  startedAt: Time
  endedAt: Time
  outcome: Outcome
  message: string | null
  /** The set that it made or looked at. */
  set: SetId | null
  request: string | null
  /** What a verification found; absent for other kinds. */
  problems?: readonly SetProblem[]
}

/** What only Holdfast remembers, read once a pass: the third input of the planner beside Git and the world. */
export interface Memory {
  inFlight: readonly Action[]
  requests: readonly Request[]
  /** Ended actions that still matter: of each subject, those since its last `done`. */
  attempts: readonly Attempt[]
  standing: Standing
  /** The revision last applied and how many subjects it had; null before the first. */
  applied: { revision: string; subjects: number } | null
  /** False while sets are unproved after the state store was lost: nothing expires. */
  settled: boolean
}
