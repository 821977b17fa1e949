/** The state of each step of a procedure, from what is seen, what people say, and how it stood at the last pass. */
import type { Time } from '../../base/time.ts'
import type { Acknowledgement, Choice, Word } from '../../domain/model.ts'
import { isSameRow } from '../../domain/procedures/order.ts'
import type { Row, RowName } from '../../domain/procedures/row.ts'
import type { Step, StepProof, StepRun } from '../../domain/runbook.ts'
import { sameSubject } from '../../domain/subject.ts'
import type { Sighting } from './evidence/sighting.ts'
import { inTurn, type Turn } from './in-turn.ts'
import { leftUnproved } from './unproved.ts'

/** What people say of the steps, in Git. */
export interface Said {
  acknowledge: readonly Acknowledgement[]
  choose: readonly Choice[]
  /** Who committed that; null: it cannot be told. */
  committedBy: string | null
}

export interface Watching {
  /** Since when what is to be restored is lost: what was seen, or said, before that does not count. */
  since: Time
  /** When all of it was lost, of which only a part was before; null: it was so from the beginning. */
  lostAgainAt: Time | null
  now: Time
  said: Said
  /** The steps at the last pass; none: there was no such runbook. */
  before: readonly Step[]
  /** `before`: the step as it stood, if all that it needs is still done. */
  look(row: Row, before: Step | undefined): Sighting | null
  /** What Holdfast did of the step since the last loss; null: it does not run it. */
  runOf(row: Row, lostAgainAt: Time | null, former: Step | undefined): Omit<StepRun, 'refused'> | null
  /** Whether Holdfast is asked to run its own steps: then nobody's word stands for them. */
  runs: boolean
}

/** Rows whose things can be lost once more: what stood on them is undone then, and what was said of it is void. */
const grounds: ReadonlySet<string> = new Set([
  'rebuild-machine',
  'create-databases',
  'create-local-databases',
  'install-components',
  'create-central-management-store',
  'share-file-store',
])

/** What is over when the next steps are done: that it is not so now says nothing against a person's word. */
const passing: ReadonlySet<string> = new Set(['stop-services'])

/**
 * One step for each row, in order. A step is done only if all that it needs is: so what is undone undoes what follows.
 */
export function stepsOf(rows: readonly Row[], watching: Watching): Step[] {
  return inTurn(rows, (row, { endedBy, mayBeDone, needs }: Turn<Step>): Step => {
    const former = watching.before.find((one) => isSameRow(one, row))
    const judged = endedBy ? ended(row, endedBy) : judge(row, mayBeDone, needs, former, watching)
    const isSame = former?.state === judged.state && former.branch === judged.branch
    return { ...judged, since: isSame ? former.since : watching.now }
  })
}

type Judged = Omit<Step, 'since'>

function ended(row: Row, { id, subject }: RowName): Judged {
  return { ...told(row), state: 'ended', endedBy: { id, subject }, isAcknowledgeable: false }
}

function told({ id, subject, title, actor }: Row): Pick<Step, 'id' | 'subject' | 'title' | 'actor'> {
  return { id, subject, title, actor }
}

function judge(
  row: Row,
  mayBeDone: boolean,
  needs: readonly Step[],
  former: Step | undefined,
  watching: Watching,
): Judged {
  const { now } = watching
  const before = mayBeDone ? former : undefined
  const inherited = latest([watching, former, ...needs].flatMap((one) => one?.lostAgainAt ?? []))
  const run = watching.runOf(row, inherited, former)
  const isOwn = run !== null && watching.runs
  const found = sinceRuns(needs, sinceLoss(watching.look(row, before), watching))
  const looked = !isOwn && passing.has(row.id) ? notAgainst(found) : found
  const doubt = isOwn ? doubtOf(run) : null
  const sighting = doubt === null ? byRun(run, looked) : notYet(looked, doubt)
  const ground = grounds.has(row.id) ? groundOf(sighting, former) : null
  const lostAgainAt = latest([...(ground?.isLostAgain ? [now] : []), ...(inherited === null ? [] : [inherited])])
  const word = isOwn ? null : wordFor(row, watching, lostAgainAt, former)
  const isHeld =
    before?.state === 'done' && before.proof?.how !== 'said' && sighting?.seen === 'unknown' && !sighting.isOpen
  const by = sighting === looked ? 'seen' : 'ran'
  const proof = proofOf(
    row,
    sighting && { ...sighting, by },
    word,
    watching.said.committedBy,
    isHeld ? before : undefined,
  )
  // A fork of which no way is known is open: else what the other way would do could be done.
  const isDone = proof.isDone && (row.branches === undefined || proof.branch !== undefined)
  const state = isDone && mayBeDone ? 'done' : !mayBeDone ? 'waiting' : proof.isDisputed ? 'blocked' : 'ready'
  return {
    ...{ ...told(row), state },
    ...(proof.text === null ? {} : { evidence: proof.text }),
    ...(state === 'done' && proof.by !== undefined ? { proof: proof.by } : {}),
    ...(proof.lastSeenAt === undefined ? {} : { lastSeenAt: proof.lastSeenAt }),
    ...(isHeld && sighting.isHidden ? { isHidden: true } : {}),
    ...(state === 'done' && proof.branch !== undefined ? { branch: proof.branch } : {}),
    ...(state === 'done' ? {} : seenWay(row, sighting, former)),
    isAcknowledgeable: !isOwn && (sighting === null || sighting.seen === 'unknown'),
    ...(run === null ? {} : { run: { ...run, refused: [] } }),
    ...(lostAgainAt === null ? {} : { lostAgainAt }),
    ...(ground?.isThere ? { isThere: true } : {}),
  }
}

/**
 * What stands on a ground is undone with it; where it was never done, for roles were missing beside it or it was not its turn,
 * what was said of it is void all the same: its databases were there, and are gone.
 */
function groundOf(sighting: Sighting | null, former: Step | undefined): { isThere: boolean; isLostAgain: boolean } {
  const thing = sighting?.thing ?? sighting?.seen ?? 'unknown'
  const isGone = (former?.isThere ?? false) && thing === 'no'
  const isUndone = former?.state === 'done' && sighting?.seen === 'no'
  return {
    isThere: thing === 'yes' || (thing === 'unknown' && former?.isThere === true),
    isLostAgain: isGone || isUndone,
  }
}

/** A word against what was seen, or a step before it that is undone, is no reason to forget which way a fork went. */
function seenWay(row: Row, sighting: Sighting | null, former: Step | undefined): Pick<Step, 'seenBranch'> {
  if (row.branches === undefined || sighting?.isOpen) return {}
  const known = former?.seenBranch ?? (former?.proof?.how === 'said' ? undefined : former?.branch)
  const way = sighting?.seen === 'yes' ? sighting.branch : known
  return way === undefined ? {} : { seenBranch: way }
}

/** What was looked at before the loss says nothing of what was done since. */
function sinceLoss(sighting: Sighting | null, { since }: Watching): Sighting | null {
  if (sighting === null || sighting.at >= since) return sighting
  return { seen: 'unknown', fact: 'Nobody has looked since the loss.', at: sighting.at }
}

/** Nor does what was looked at before Holdfast ran what comes first: services that ran are stopped since. */
function sinceRuns(needs: readonly Step[], sighting: Sighting | null): Sighting | null {
  const ranAt = latest(needs.flatMap(({ run }) => run?.done?.at ?? []))
  if (sighting === null || ranAt === null || sighting.at >= ranAt) return sighting
  return { seen: 'unknown', fact: 'Nobody has looked since the step before it was run.', at: sighting.at }
}

/** What Holdfast ran to its end, it proved; what was looked at after that says more. */
function byRun(run: Omit<StepRun, 'refused'> | null, sighting: Sighting | null): Sighting | null {
  const done = run?.done
  if (!done || sighting?.seen === 'yes' || (sighting?.seen === 'no' && sighting.at > done.at)) return sighting
  return { seen: 'yes', fact: `Holdfast ran it: ${done.message ?? 'it is done.'}`, at: done.at }
}

/**
 * Why a step of Holdfast's own that looks done is not: a database may be back, and kept from its users; services that run say
 * nothing of the user data that take effect with their start. Null: what is seen is enough.
 */
function doubtOf({ done, tried, operation, set }: Omit<StepRun, 'refused'>): string | null {
  if (done !== undefined) return null
  if (tried && leftUnproved(tried))
    return tried.outcome === 'interrupted'
      ? 'Holdfast was cut off in it, and proves it'
      : `Holdfast could not prove it: ${tried.message ?? tried.code ?? ''}`
  if (operation.kind === 'start-services' && set !== null) return 'what came back was not counted against the set'
  return null
}

function notYet(sighting: Sighting | null, doubt: string): Sighting | null {
  if (sighting?.seen !== 'yes') return sighting
  return { seen: 'no', fact: `${sighting.fact} But ${doubt.replace(/\.$/, '')}.`, at: sighting.at }
}

function notAgainst(sighting: Sighting | null): Sighting | null {
  return sighting?.seen === 'no' ? { ...sighting, seen: 'unknown' } : sighting
}

interface Proof {
  isDone: boolean
  /** What is said is not what is seen. */
  isDisputed: boolean
  text: string | null
  branch?: string | undefined
  lastSeenAt?: Time
  by?: StepProof | undefined
}

/** What is seen comes before what is said; what cannot be seen now is as it was last seen. */
function proofOf(
  row: Row,
  sighting: (Sighting & { by: 'seen' | 'ran' }) | null,
  word: Spoken | null,
  committedBy: string | null,
  held: Step | undefined,
): Proof {
  const spoken = word === null ? null : wordText(word, committedBy)
  const seen = sighting?.fact ?? null
  if (sighting?.seen === 'yes') {
    const isDisputed = row.branches !== undefined && word !== null && word.branch !== sighting.branch
    if (isDisputed) return { isDone: false, isDisputed, text: `${spoken ?? ''} But ${seen ?? ''}` }
    return { isDone: true, isDisputed: false, text: seen, branch: sighting.branch, by: { how: sighting.by } }
  }
  if (sighting?.seen === 'no')
    return { isDone: false, isDisputed: word !== null, text: spoken === null ? seen : `${spoken} But ${seen ?? ''}` }
  if (held && sighting)
    return {
      ...{ isDone: true, isDisputed: false, text: held.evidence ?? seen, branch: held.branch },
      lastSeenAt: held.lastSeenAt ?? sighting.at,
      by: held.proof,
    }
  if (word?.branch !== undefined && word.branch === sighting?.notBranch)
    return { isDone: false, isDisputed: true, text: `${spoken ?? ''} But ${seen ?? ''}` }
  if (word !== null) {
    const by: StepProof = { how: 'said', by: word.by, at: word.at, committedBy }
    return { isDone: true, isDisputed: false, text: spoken, branch: word.branch, by }
  }
  return { isDone: false, isDisputed: false, text: seen }
}

type Spoken = Word & { branch?: string }

/**
 * The newest word on a step, or on the way of a fork: after the loss, also after the last one, and not ahead. One that counted
 * at the last pass goes on counting when the clock went back.
 */
function wordFor(
  row: Row,
  { said, since, now }: Watching,
  lostAgainAt: Time | null,
  former: Step | undefined,
): Spoken | null {
  const all: readonly (Acknowledgement & { branch?: string })[] = row.branches ? said.choose : said.acknowledge
  const own = all.filter(
    ({ step, subject }) => step === row.id && (subject === null || sameSubject(subject, row.subject)),
  )
  const counted = former?.proof?.how === 'said' ? former.proof : null
  const counting = own.filter(
    ({ at, by }) =>
      at >= since &&
      (at <= now || (counted?.at === at && counted.by === by)) &&
      (lostAgainAt === null || at > lostAgainAt),
  )
  return counting.reduce<Spoken | null>((newest, one) => (newest && newest.at > one.at ? newest : one), null)
}

/** Anybody may write any name: who committed it is told where that is another. */
function wordText({ by, at, note, branch }: Spoken, committedBy: string | null): string {
  const what = branch === undefined ? 'it was done' : `the way is ${branch}`
  const said = `${by} says that ${what}, as of ${at}${note === null ? '' : `: ${note}`}.`
  const isOther = committedBy !== null && !sameSubject(committedBy, by)
  return isOther ? `${said} The file was last changed by ${committedBy}.` : said
}

function latest(times: readonly Time[]): Time | null {
  return times.reduce<Time | null>((last, time) => (last === null || time > last ? time : last), null)
}
