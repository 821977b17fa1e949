/** How the rows of a procedure are told to people, whatever they read them on. */
import { sameSubject } from '../subject.ts'
import { isSameRow } from './order.ts'
import { tellMeasured, type Measured } from './measured.ts'
import type { StepState } from '../runbook.ts'
import type { Branch, Row, RowName } from './row.ts'

/** What of a row is told; `branch` is the `in` of a `Row`. */
export interface Tellable extends Pick<Row, 'id' | 'subject' | 'title' | 'why' | 'needs' | 'proves' | 'source'> {
  command?: string | undefined
  risks?: string | undefined
  branches?: readonly Branch[] | undefined
  branch?: Row['in'] | undefined
  state?: StepState | undefined
  evidence?: string | undefined
  /** Of a step that Holdfast runs. */
  run?: ToldRun | undefined
  /** What it took before. */
  measured?: Measured | undefined
}

/** How a step stands that Holdfast runs, as far as it is told. */
export interface ToldRun {
  running: boolean
  percent?: number | undefined
  reading?: true | undefined
  refused: readonly { message: string }[]
  tried?: { at: string; outcome: string; message: string | null } | undefined
  done?: { at: string; message: string | null } | undefined
}

/** Rows that stand beside each other and do the same to several things, told as one. */
export interface ToldRow {
  /** Of the first of them, in the list of all rows, from 1. */
  number: number
  title: string
  /** Null: it is not told of a loss that there is. */
  state: StepState | null
  /** What is seen, or said, of it; null: nothing. */
  evidence: string | null
  /** How Holdfast runs it, or why it does not. */
  runs: readonly string[]
  why: string
  /** "Likewise, steps 4 to 6: ..."; null: it stands alone. */
  likewise: string | null
  /** On which ways of the forks before it is it done at all. */
  onlyIf: readonly string[]
  /** What each way of a fork makes needless. */
  forks: readonly string[]
  /** "After steps 1, 3."; null: after the one before it. */
  after: string | null
  /** The commands of all of them, a line each; the empty text: there are none. */
  command: string
  proves: string
  risks: string | null
  source: string
}

export function toldRows(rows: readonly Tellable[]): ToldRow[] {
  return together(rows).map(({ first, members }) => toldRow(first, members, rows))
}

interface Together {
  first: number
  members: [Tellable, ...Tellable[]]
}

function together(rows: readonly Tellable[]): Together[] {
  const found: Together[] = []
  for (const [index, row] of rows.entries()) {
    const last = found.at(-1)
    if (last && sayTheSame(last.members[0], row)) last.members.push(row)
    else found.push({ first: index + 1, members: [row] })
  }
  return found
}

function sayTheSame(a: Tellable, b: Tellable): boolean {
  const unnamed = ({ title, subject }: Tellable): string => title.replaceAll(subject, '')
  const isPlain = a.id === b.id && a.branches === undefined
  const isAlone = (row: Tellable): boolean => row.run !== undefined || row.measured !== undefined
  const standAlike = a.state === b.state && a.evidence === b.evidence && !isAlone(a) && !isAlone(b)
  return (
    isPlain && standAlike && unnamed(a) === unnamed(b) && a.title.includes(a.subject) && areEqual(a.branch, b.branch)
  )
}

function areEqual(a: Row['in'] = [], b: Row['in'] = []): boolean {
  return (
    a.length === b.length &&
    a.every(({ fork, branch }, at) => b[at] !== undefined && isSameRow(fork, b[at].fork) && branch === b[at].branch)
  )
}

function toldRow(first: number, members: Together['members'], all: readonly Tellable[]): ToldRow {
  const [row, ...others] = members
  const numberOf = (name: RowName): number => all.findIndex((one) => isSameRow(one, name)) + 1
  const needs = [...new Set(members.flatMap((one) => one.needs.map(numberOf)))].sort((a, b) => a - b)
  return {
    number: first,
    ...{
      title: row.title,
      state: row.state ?? null,
      evidence: row.evidence ?? null,
      runs: [...(row.run ? runsOf(row.run, row) : []), ...estimateOf(row)],
      why: row.why,
      proves: row.proves,
      risks: row.risks ?? null,
      source: row.source,
    },
    likewise:
      others.length === 0
        ? null
        : `Likewise, ${range(first + 1, others.length)}: ${others.map(({ subject }) => subject).join(', ')}`,
    onlyIf: (row.branch ?? []).map(({ fork, branch }) => {
      const when = all.find((one) => isSameRow(one, fork))?.branches?.find(({ name }) => name === branch)?.when
      return `Only if (step ${numberOf(fork)}) ${when ?? branch}.`
    }),
    forks: forksOf(row, all),
    after: afterText(needs, first),
    command: members.flatMap((one) => one.command ?? []).join('\n'),
  }
}

function runsOf({ running, percent, reading, refused, tried, done }: ToldRun, { evidence = '' }: Tellable): string[] {
  const message = done?.message ?? ''
  const far = reading ? `it has read ${percent} % of the backup, before anything is changed` : `${percent} % done`
  return [
    // What it saw then may be what nobody looks at again, as who may use a database.
    ...(done && !evidence.includes(message) ? [`Holdfast ran it, to its end at ${done.at}: ${message}`] : []),
    ...(running ? [percent === undefined ? 'Holdfast runs it now.' : `Holdfast runs it now: ${far}.`] : []),
    ...(tried ? [`The last try, at ${tried.at}, ended ${tried.outcome}: ${tried.message ?? ''}`] : []),
    ...refused.map(({ message }) => `Holdfast does not run it: ${message}`),
  ]
}

/** Of what is still to be done. */
function estimateOf({ state, measured }: Tellable): string[] {
  return measured && state !== 'done' && state !== 'ended' ? [tellMeasured(measured)] : []
}

function afterText(needs: readonly number[], number: number): string | null {
  if (needs.length === 0) return number === 1 ? null : 'It can begin at once.'
  return needs.length === 1 && needs[0] === number - 1 ? null : `After ${steps(needs)}.`
}

function range(from: number, count: number): string {
  return count === 1 ? `step ${from}` : `steps ${from} to ${from + count - 1}`
}

function steps(numbers: readonly number[]): string {
  return numbers.length === 1 ? `step ${numbers.join()}` : `steps ${numbers.join(', ')}`
}

function forksOf({ id, subject, branches }: Tellable, all: readonly Tellable[]): string[] {
  return (branches ?? []).map(({ name, when }) => {
    const ended = all.flatMap(({ branch }, index) =>
      branch?.some(({ fork, branch: other }) => fork.id === id && sameSubject(fork.subject, subject) && other !== name)
        ? [index + 1]
        : [],
    )
    if (ended.length === 0) return `FORK If ${when}: nothing ends.`
    return `FORK If ${when}: ${steps(ended)} ${ended.length === 1 ? 'ends' : 'end'}, and must not be done.`
  })
}
