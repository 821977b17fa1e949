import type { EnvironmentRecord } from '../domain/environment-record.ts'
import { uncPath } from '../domain/backup-set.ts'
import { otherForm } from '../domain/inventory.ts'
import { hosts } from '../domain/hosts.ts'
import type { Loss, OtherLosses } from '../domain/loss/found.ts'
import { lossOf } from '../domain/loss/loss.ts'
import type { Desired } from '../domain/model.ts'
import { procedureOf } from '../domain/procedures/procedures.ts'
import { languageOf } from '../domain/restore-commands.ts'
import { toldRows, type ToldRow } from '../domain/procedures/telling.ts'
import { distinct, itemKey } from '../domain/subject.ts'
import type { Item, Scenario, Subject } from '../domain/words.ts'
import { cell, fence, inline, sentence } from './restore-markdown.ts'
import type { RecordedItem, SetRecord } from './record.ts'

/** A deployment of more subjects than this has no file that a person reads: the procedures of the others are left out. */
const mostProcedures = 200

const scenarioNames: Readonly<Record<Scenario, string>> = {
  'central-management': 'the server of the Central Management store',
  'standard-edition': 'a Standard Edition server',
  'back-end': 'an Enterprise Edition Back End',
  'mirror-partner': 'one partner of a mirror',
  'member-server': 'a member server',
  'archiving-monitoring': 'a server of archiving or monitoring data',
  'persistent-chat': 'a server of Persistent Chat',
  'file-store': 'a file store',
  pool: 'a whole pool',
}

/** What is known beside the record of a set. */
export interface Known {
  /** The topology of its revision. */
  desired: Desired
  /** How things were when it was closed; null: not known. */
  environment: EnvironmentRecord | null
}

/**
 * What to do when something is lost: each machine and each Front End pool, and each database and file store of the set,
 * as if nothing else were lost. From the same rows as all other procedures.
 */
export function proceduresText(record: SetRecord, { desired, environment }: Known): string {
  const copies = copiesIn(record)
  const subjects = subjectsOf(copies, desired)
  const told = subjects.slice(0, mostProcedures).flatMap((subject) => lossesOf(subject, copies, desired))
  const left = subjects.slice(mostProcedures).map(inline)
  const missing = left.length === 0 ? '' : `Left out, for there are too many: ${left.join(', ')}.\n\n`
  const rows = told.map((loss) => {
    const { scenario, subject, machines } = loss
    const name = scenario === null ? '' : scenarioNames[scenario]
    return `| ${inline(subject)} | ${machines.length === 0 ? `${name}, its server lives` : name} | ${cell(inShort(loss, copies))} |`
  })
  const index = [
    '## What was lost?',
    '',
    'Find it here, then read the section of its name below. If several are lost, the SQL Servers and the Central',
    'Management store come first, then file stores, then the servers of pools. Steps that two sections share are done once.',
    '',
    '| Lost | Which is | What this set has of it |',
    '|---|---|---|',
    ...rows,
    '',
    '',
  ]
  return `${index.join('\n')}${missing}${told.map((loss) => section(loss, copies, record, { desired, environment })).join('\n')}`
}

/** The items that can be restored from this set, by key, with the UNC path of each. */
interface Copies {
  of(item: Item): { item: RecordedItem; file: string } | null
  items: readonly RecordedItem[]
}

function copiesIn(record: SetRecord): Copies {
  const usable = record.items.filter(({ outcome }) => outcome === 'ok' || outcome === 'suspect')
  const byKey = new Map(usable.map((item) => [itemKey(item), item]))
  return {
    items: usable,
    of(wanted) {
      const item = byKey.get(itemKey(wanted))
      return item ? { item, file: uncPath(record, item.path) } : null
    },
  }
}

const nothingElse = (): boolean => false

/** As the topology has it: a mirror fails over by itself where it has a witness. */
const around: OtherLosses = {
  isLost: nothingElse,
  isTakenOver: ({ highAvailability: mode }) => mode.kind !== 'mirror' || mode.witness !== null,
}

function subjectsOf({ items }: Copies, desired: Desired): Subject[] {
  const ofItems = items.flatMap(({ kind, subject }): Subject[] =>
    kind === 'sql-database' || kind === 'persistent-chat' || kind === 'file-store' ? [subject] : [],
  )
  const pools = desired.pools.filter(({ type, servers }) => type === 'front-end' && servers.length > 1)
  return distinct([...hosts(desired), ...pools].map(({ fqdn }) => fqdn).concat(ofItems))
}

/** None where no procedure of this product leads back. */
function lossesOf(subject: Subject, copies: Copies, desired: Desired): Loss[] {
  const loss = lossOf(subject, desired, around)
  if (loss === null || loss.scenario === null) return []
  return [{ ...loss, items: loss.items.map((item) => keptAs(item, copies)) }]
}

/** Persistent Chat as this set has it. */
function keptAs(item: Item, copies: Copies): Item {
  const other = otherForm(item)
  return other !== null && copies.of(item) === null && copies.of(other) !== null ? other : item
}

function inShort({ items }: Loss, copies: Copies): string {
  if (items.length === 0) return 'nothing is needed'
  const count = items.filter((item) => copies.of(item) !== null).length
  return `${count} of ${items.length} items`
}

function section(loss: Loss, copies: Copies, record: SetRecord, { desired, environment }: Known): string {
  const rows = procedureOf(loss, desired, {
    copyOf(item) {
      const copy = copies.of(item)
      return copy && { file: copy.file, database: copy.item.database }
    },
    isLost: nothingElse,
    environment,
  })
  const steps = toldRows(rows.map((row) => ({ ...row, branch: row.in })))
  return [
    `### If ${inline(loss.subject)} is lost${loss.machines.length === 0 ? ', and its server lives' : ''}`,
    '',
    ...comesFrom(loss, copies, record),
    ...steps.map(stepText),
    '',
  ].join('\n')
}

function comesFrom({ items }: Loss, copies: Copies, { policy }: SetRecord): string[] {
  if (items.length === 0) return ['No data has to come from a set.', '']
  const elsewhere = items.filter((item) => copies.of(item) === null)
  return [
    ...items.map((item) => {
      const copy = copies.of(item)
      const doubt = copy?.item.outcome === 'suspect' ? ' **It is suspect: see the table above.**' : ''
      return `- ${item.kind} of ${inline(item.subject)}: ${copy ? `${inline(copy.item.path)}.${doubt}` : '**not in this set.**'}`
    }),
    ...(elsewhere.length === 0
      ? []
      : [
          '',
          `The newest copy of what is not in this set is listed in ${inline(`current\\${policy}.copies.csv`)} on the share.`,
        ]),
    '',
  ]
}

function stepText({ number, title, likewise, onlyIf, forks, after, command, proves, risks }: ToldRow): string {
  const notes = [
    ...(likewise === null ? [] : [likewise]),
    ...onlyIf,
    ...forks,
    ...(after === null ? [] : [after]),
    `Done when: ${proves}`,
  ]
  const careful = risks === null ? '' : ` **Careful: ${risks.replaceAll('*', '')}**`
  const code = command === '' ? '' : `\n\n${fence(languageOf(command), command)}\n`
  return `${number}. ${sentence(title)}${careful}\n${notes.map((note) => `   - ${sentence(note)}`).join('\n')}${code}`
}
