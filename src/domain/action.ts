import type { Time } from '../base/time.ts'
import type { SetProblem } from './backup-set.ts'
import type { Acceptance } from './model.ts'
import type { Operation } from './procedures/operation.ts'
import type { ProvedItem, TestTurn, TrialImport } from './restore-proofs.ts'
import type { Cause, Item, Level, Outcome, SetId, Subject } from './words.ts'

/** What is asked about an action of a kind, so that nobody needs to know the kinds by name. */
interface ActionTraits {
  /** Only the owner of its location may do it. */
  needsOwnership: boolean
  /** It adds to the location, or moves what stands for its newest set. */
  adds: boolean
  /** It fills the location: there must be room. */
  fills: boolean
  /** Whether one that was done may be done again under the same id: what it sets may be moved by others. */
  repeatable: boolean
  /** It puts something in the place of what is there: in doubt it is left undone. */
  overwrites: boolean
}

/** The closed list of what Holdfast can do; guards, schemas, suspensions and handlers derive from it. */
const actionKinds = {
  'create-backup-set': { needsOwnership: true, adds: true, fills: true, repeatable: false, overwrites: false },
  'verify-backup-set': { needsOwnership: true, adds: false, fills: false, repeatable: false, overwrites: false },
  'point-backup': { needsOwnership: true, adds: true, fills: false, repeatable: true, overwrites: false },
  'take-over-location': { needsOwnership: false, adds: false, fills: false, repeatable: false, overwrites: false },
  'recovery-step': { needsOwnership: true, adds: false, fills: false, repeatable: false, overwrites: true },
  'restore-user': { needsOwnership: true, adds: false, fills: false, repeatable: false, overwrites: true },
} as const satisfies Record<string, ActionTraits>
export type ActionKind = keyof typeof actionKinds

/** The kinds by name, for schemas. */
export const actionKindNames = Object.keys(actionKinds) as [ActionKind, ...ActionKind[]]

/** The kinds of which the same may be done again and again. */
export const repeatableKinds = actionKindNames.filter((kind) => actionKinds[kind].repeatable)

/** Kinds of the design that this version does not do yet; a suspension may name them. */
export const laterActionKinds = ['expire-backup-set'] as const

export function traitsOf({ kind }: { kind: ActionKind }): ActionTraits {
  return actionKinds[kind]
}

interface Wanted {
  /** Hash of the kind, the subject and what makes it due: nothing starts twice. */
  id: string
  subject: Subject
  /** Name of the location that it touches; nothing is decided on that until it was looked at again. */
  location: string
  cause: Cause
  /** One sentence for a person. */
  reason: string
  /** Who asked (`manual`), else null. */
  request: { id: string; actor: string } | null
  /** Ids of further requests for the same that were open when it was planned: its end is their answer too. */
  alsoFor?: readonly string[]
}

export type Action = Wanted &
  (
    | { kind: 'create-backup-set'; policy: string; slot: Time | null; whole: boolean; items: readonly Item[] }
    /** `turn`: why a restore test is made of this set; absent: somebody asked for it. */
    | { kind: 'verify-backup-set'; set: SetId; level: Level; turn?: TestTurn }
    /** `set`: what `$Backup` moves to; null: only the list of copies is written. */
    | { kind: 'point-backup'; policy: string; set: SetId | null }
    | { kind: 'take-over-location' }
    /** One step of a recovery that Holdfast runs. `set`: what the item comes from; null: nothing comes from a set. */
    | {
        kind: 'recovery-step'
        recovery: string
        /** Subject of the flag; absent: an older version asked for it. */
        server?: Subject
        /** Id of the row. */
        step: string
        operation: Operation
        set: SetId | null
        /** Since when the flag is open; where its server died again since, when that was seen. */
        lostSince: Time
        /** What the `Recovery` accepts by name. `fact`: absent, an older version asked for it. */
        accepts: readonly (Pick<Acceptance, 'what' | 'subject'> & Partial<Pick<Acceptance, 'fact'>>)[]
      }
    /** One user's contacts and conferences into the living pool; the subject is the user. */
    | { kind: 'restore-user'; recovery: string; pool: Subject; set: SetId }
  )
export type ActionOf<K extends ActionKind> = Extract<Action, { kind: K }>

/** A refusal: which guard, which actions, why, and the commit that overrides it. */
export interface Refusal {
  guard: string
  actions: readonly string[]
  /** Ids of the requests that asked for them: to be answered `refused`, for nothing will serve them. */
  requests: readonly string[]
  message: string
  override: string
}

export type Wish =
  { backup: string } | { verify: SetId | null; level: Level } | { takeOver: string } | { restore: Subject }

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
  /** Code of the problem that ended it; absent: none did. */
  code?: string
  /** The set that it made or looked at. */
  set: SetId | null
  request: string | null
  /** Which guard refused it, where one did. */
  guard?: string
  /** What a verification found; absent for other kinds. */
  problems?: readonly SetProblem[]
  /** What a restore test brought back, each proved; absent for other kinds. */
  proved?: readonly ProvedItem[]
  /** What a trial import said of exports of the set, in a restore test that asks for it. */
  trials?: readonly TrialImport[]
  /** Of a step of a recovery that was done. */
  restored?: RestoreFigures
}

/** What a restore took, and what was counted after it. */
export interface RestoreFigures {
  /** Of the work alone, without what it waited for. */
  seconds: number
  /** Of the copy in the set; null: nothing comes from a set. */
  bytes: number | null
  counts: Readonly<Record<string, number>>
  /** Part of it was there or so before: what it took says nothing of the whole. */
  resumed?: true
}
