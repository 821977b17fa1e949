/** What is known of each step of a recovery without another look: the copies, the gate, the machines that help, the proofs. */
import { reasonOf, type SetSummary } from '../../domain/backup-set.ts'
import { levels, type Item, type Subject } from '../../domain/words.ts'
import type { DrillSight } from '../../domain/drill.ts'
import type { Plan } from '../../domain/plan.ts'
import type { Row } from '../../domain/procedures/row.ts'
import { proofsOf, trialInWords, type TrialImport } from '../../domain/restore-proofs.ts'
import { itemKey, sameSubject } from '../../domain/subject.ts'
import { blockersOf } from '../recovery/blockers.ts'
import { blockerOf, differencesSince, recordsFor } from '../recovery/changed-since.ts'
import { refusalsToday } from '../recovery/gate.ts'
import type { Blocker } from '../recovery/ground.ts'
import type { LostGround, LostTogether } from '../recovery/lost-now.ts'
import { helpersOf } from './helpers.ts'

export interface PaperGround extends LostGround {
  plan: Pick<Plan, 'classes'>
}

/** The row on which everything is told that concerns the recovery as a whole. */
const firstRow = 'check-surroundings'

/** What is known of one row; nothing where only doing it shows. */
export function onPaper(row: Row, found: LostTogether, ground: PaperGround): DrillSight[] {
  const { operation } = row
  const item = operation?.kind === 'restore-item' ? operation.item : null
  return [
    ...(row.id === firstRow ? [...inGeneral(found, ground), ...itemsWithoutRow(found, ground)] : []),
    ...(item ? ofItem(item, row, found, ground) : []),
    ...helpersOf(row, found, ground.digest.desired).map((machine) => helper(machine, ground)),
  ]
}

/** What stands against all of it, whatever the step. Of what leads back by no procedure this is all there is to say. */
export function inGeneral(found: LostTogether, ground: PaperGround): DrillSight[] {
  const { losses } = found
  const isCentral = losses.some(({ centralManagement }) => centralManagement)
  const blockers = losses
    .flatMap((loss) => blockersOf(loss, ground.recovery).map((blocker) => ({ ...blocker, subject: loss.subject })))
    .filter(({ code }) => !(isCentral && code === 'central-management-first'))
  const told = blockers.flatMap((one) => {
    const result = resultOf[one.code]
    return result === undefined ? [] : [{ about: one.code, subject: one.subject, result, message: one.message }]
  })
  return distinctly([...told, ...environment(found, ground)])
}

/** What else blocks is told by the step that it blocks, or by the environment. */
const resultOf: Readonly<Partial<Record<Blocker['code'], DrillSight['result']>>> = {
  'procedure-elsewhere': 'stops',
  'central-management-first': 'stops',
  'kept-elsewhere-missing': 'unproved',
  'patch-level-unknown': 'unproved',
  'database-encrypted': 'unproved',
}

/** "At restore time DNS, DHCP, names, paths and instances must equal those at backup time" ("Preparing to restore"). */
function environment({ losses }: LostTogether, { recovery }: PaperGround): DrillSight[] {
  return losses.flatMap((loss): DrillSight[] => {
    if (loss.scenario === null) return []
    const about = { about: 'environment', subject: loss.subject }
    const records = recordsFor(loss, recovery)
    if (records.length === 0) {
      const message = 'No set says how the environment was, so nobody can say whether it is still so.'
      return [{ ...about, result: loss.items.length > 0 ? 'stops' : 'unproved', message }]
    }
    const differing = differencesSince(loss, recovery).map(({ set, difference }): DrillSight => {
      const { code, message } = blockerOf(difference, set, loss)
      const remedy = `Put ${difference.fact} of ${difference.subject} back as it was, or accept the difference by name in the Recovery.`
      return { about: code, subject: difference.subject, result: 'stops', message, remedy }
    })
    if (differing.length > 0) return differing
    const sets = records.map(({ set }) => set).join(', ')
    return [{ ...about, result: 'holds', message: `What can be compared is as ${sets} recorded it.` }]
  })
}

/** An item that no step of its own brings back is not forgotten. */
function itemsWithoutRow({ losses, rows }: LostTogether, ground: PaperGround): DrillSight[] {
  const own = new Set(
    rows.flatMap(({ operation }) => (operation?.kind === 'restore-item' ? [itemKey(operation.item)] : [])),
  )
  const others = losses.flatMap(({ items }) => items).filter((item) => !own.has(itemKey(item)))
  return distinctly(others.flatMap((item) => copySights(item, ground)))
}

function ofItem(item: Item, row: Row, found: LostTogether, ground: PaperGround): DrillSight[] {
  const loss = found.losses.find(({ items }) => items.some((one) => itemKey(one) === itemKey(item))) ?? found.loss
  const refused = refusalsToday(row, { digest: ground.digest, recovery: ground.recovery, loss })
  const against = refused.map(({ gate, message }): DrillSight => {
    const subject = item.subject
    // Holdfast verifies the set itself before anything is restored from it.
    return gate === 'set-not-verified'
      ? { about: gate, subject, result: 'unproved', message }
      : { about: gate, subject, result: 'stops', message }
  })
  return [...against, ...copySights(item, ground), ...role(item, ground)]
}

/** By the group that the documents ask for, of the export and of the import alike ("Tools and permissions"). */
const groupOf: Readonly<Partial<Record<Item['kind'], string>>> = {
  configuration: 'RTCUniversalServerAdmins',
  'location-information': 'RTCUniversalServerAdmins',
  'user-data': 'RTCUniversalServerAdmins',
  'response-groups': 'RTCUniversalServerAdmins',
  'persistent-chat': 'CsPersistentChatAdministrator',
}

/** No query says what an account may run; that it exported lately does. */
function role({ kind, subject }: Item, { copyOf, digest }: PaperGround): DrillSight[] {
  const group = groupOf[kind]
  const copy = copyOf({ kind, subject })
  if (group === undefined || !copy) return []
  const about = { about: 'role', subject }
  const failed = digest
    .setsOf(copy.policy)
    .find((set) => set.startedAt > copy.startedAt && set.flawed?.some((one) => isSame(one, { kind, subject })) === true)
  if (failed) {
    const why = failed.flawed?.find((one) => isSame(one, { kind, subject }))
    const message = `Export and import take ${group}. The account exported it at ${copy.startedAt}, but not in ${failed.id}: ${reasonOf(why ?? {})}`
    return [{ ...about, result: 'unproved', message }]
  }
  const message = `The account exported it at ${copy.startedAt}: that takes ${group}, as the import does.`
  return [{ ...about, result: 'holds', message }]
}

function isSame(a: Item, b: Item): boolean {
  return itemKey(a) === itemKey(b)
}

/** The copy of an item: which one it is, what proved it, and what was ever brought back of such a one. */
function copySights(item: Item, { copyOf, artefactOf, digest }: PaperGround): DrillSight[] {
  const copy = copyOf(item)
  const what = `${item.kind} of ${item.subject}`
  const about = { subject: item.subject }
  if (!copy)
    return [
      {
        ...{
          ...about,
          about: 'copy',
          result: 'stops',
          message: `There is no copy of ${what}: it would come back empty.`,
        },
        remedy: 'Look at why no set holds it (holdfast status, holdfast sets), and back it up while it lives.',
      },
    ]
  const found = artefactOf(item)
  const where: DrillSight = found
    ? { ...about, about: 'copy', result: 'holds', message: `${copy.id}, taken at ${copy.startedAt}, holds ${what}.` }
    : {
        ...about,
        about: 'copy',
        result: 'unknown',
        message: `What ${copy.id} holds of ${what} is not in the catalogue.`,
      }
  return [where, verified(copy, about), restored(item, copy, digest.memory.restoreProofs)]
}

function verified({ id, verified: times }: SetSummary, about: { subject: Subject }): DrillSight {
  const proved = levels.filter((level) => times[level] !== undefined)
  const best = proved.at(-1)
  const told = proved.map((level) => `${level} at ${times[level] ?? ''}`).join(', ')
  if (best === undefined || best === 'structure')
    return {
      ...{ ...about, about: 'verified', result: 'unproved' },
      message: `${id} was never verified${best === undefined ? '' : ' beyond its structure'}: nobody knows whether its bytes are still what was written.`,
    }
  return { ...about, about: 'verified', result: 'holds', message: `${id} passed ${told}.` }
}

/** A restore test of the policy: that its sets come back. */
function restored({ kind, subject }: Item, { policy }: SetSummary, proofs: Parameters<typeof proofsOf>[1]): DrillSight {
  const { kinds, trials = [] } = proofsOf(policy, proofs)
  const proof = kinds[kind]
  const about = { about: 'restore-test', subject }
  if (!proof) {
    const never = `No ${kind} of policy ${policy} was ever restored for a test.`
    const trial =
      kind === 'user-data' ? trials.find(({ imports }) => imports.some((one) => isOf(subject, one))) : undefined
    const tried = trial
      ? ` Tried only, of ${trial.set} at ${trial.at}: ${trialInWords(trial.imports.filter((one) => isOf(subject, one)))}.`
      : ''
    return { ...about, result: 'unproved', message: never + tried }
  }
  const message = `${kind} of ${proof.set} came back in a restore test at ${proof.at}.`
  return { ...about, result: 'holds', message }
}

function isOf(pool: Subject, trial: TrialImport): boolean {
  return sameSubject(trial.pool, pool)
}

/** A machine that lives on, and without which the step fails. */
function helper(machine: string, { plan }: PaperGround): DrillSight {
  const found = plan.classes.find(({ subject }) => sameSubject(subject, machine))
  const about = { about: 'machine', subject: machine }
  if (!found) return { ...about, result: 'unknown', message: `${machine} was not looked at.` }
  const message = `${machine} is ${found.class}: ${found.reason}`
  if (found.class === 'healthy') return { ...about, result: 'holds', message }
  const isLost = found.class === 'absent' || found.class === 'clean' || found.class === 'half-built'
  return { ...about, result: isLost ? 'stops' : 'unknown', message }
}

function distinctly(sights: readonly DrillSight[]): DrillSight[] {
  return [...new Map(sights.map((one) => [`${one.about} ${one.subject} ${one.message}`, one])).values()]
}
