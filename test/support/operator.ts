/** An operator who follows the runbook: does what is next and what comes behind it, says what nothing can see, and looks again. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { toProblem } from '../../src/base/problem.ts'
import type { RunbookView } from '../../src/views/runbook.ts'
import type { DrivenLab, Watcher } from './driven-lab.ts'
import { handsFor, use, ways, type Hand } from './hands.ts'
import { git } from './lab.ts'

type Step = RunbookView['steps'][number]

/** The subject of a flag, by which procedure it comes back, and who runs the steps that Holdfast can run. */
export interface Recovery {
  server: string
  scenario: string
  run: 'holdfast' | 'guide'
  /** What is lost is accepted by name. */
  accept?: string
}

/** As the table of scenarios writes it: a path is left out. */
export function inWords({ kind, subject, detail }: Hand): string {
  return [kind, subject, ...(detail === undefined || detail.includes('/') ? [] : [detail])].join(' ')
}

/** Of the resource in Git. */
export function nameOf({ server }: Recovery): string {
  return server
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '')
}

/** Its file, in the folder of the desired state. */
export function fileOf(recovery: Recovery): string {
  return `recovery-${nameOf(recovery)}.yaml`
}

/** Hears of all that is done, in order. */
export interface Witness {
  sees?: (view: RunbookView) => void
  does?: (hand: Hand, step: Step) => void
  /** `added`: to the spec; null: the file is new. */
  commits?: (file: string, text: string, added: object | null) => void
}

export interface Manner extends Witness {
  /** What a tool refuses is an error; else it is tried again later. */
  minds?: boolean
  /** Ids of steps, and acts of the lab, that are left for later. */
  leaves?: ReadonlySet<string>
  /** Forks that go another way than usual. */
  takes?: Readonly<Record<string, string>>
}

export interface Operator {
  /** Commits the recovery, and nothing else. */
  declares(): Promise<void>
  /** Looks at the runbook, does what can be done, and commits what is to be said; at last, that it is finished. */
  goesOn(): Promise<void>
}

interface Said {
  step: string
  subject: string
  branch?: string
  by: string
  at: string
}

/** `acted`: the steps that were done already, also by the runbook of another loss. */
export function operator(
  driven: DrivenLab,
  daemon: Watcher,
  recovery: Recovery,
  acted: Set<string>,
  { sees, does, commits, minds = true, leaves = new Set(), takes = ways }: Manner = {},
): Operator {
  const said = new Map<string, Said>()
  const told = new Set<Said>()
  const wasDone = new Set<string>()
  let committed = ''
  let acceptedAt: string | undefined
  let left: Step[] = []

  async function attempt(step: Step): Promise<boolean> {
    // Who takes the way without it does not try it.
    const isLeft = step.id === 'fail-over-pool' && wayOf(step) !== 'failed-over'
    const isDone = isLeft || acted.has(keyOf(step))
    const hands = isDone ? [] : await handsFor(step.id, step.subject, driven, step.command)
    for (const hand of hands) {
      if (leaves.has(hand.kind)) continue
      try {
        await use(hand, driven)
      } catch (thrown) {
        if (minds || toProblem(thrown).code !== 'lab-act-impossible') throw thrown
        return false
      }
      does?.(hand, step)
    }
    acted.add(keyOf(step))
    return true
  }

  async function work({ steps }: RunbookView): Promise<void> {
    const through = new Set<string>()
    for (const step of steps) {
      const isFree = step.needs.every((need) => through.has(keyOf(need)))
      // What comes from a partner comes where Git names the way, also one that is seen.
      if (step.state === 'done' && step.id === 'fail-over-pool' && step.id in takes && !said.has(keyOf(step))) say(step)
      if (step.state === 'done') wasDone.add(keyOf(step))
      else if (wasDone.delete(keyOf(step))) acted.delete(keyOf(step))
      if (step.state === 'done' || (step.state === 'ended' && isFree)) through.add(keyOf(step))
      const isOwn = recovery.run === 'holdfast' && step.run !== undefined
      if (step.state === 'done' || step.state === 'ended' || !isFree || isOwn || leaves.has(step.id)) continue
      if (!(await attempt(step))) continue
      if (step.acknowledgeable === true) say(step)
      if (!mustBeSeen(step)) through.add(keyOf(step))
    }
  }

  /** Of what nobody said anything the runbook ends with the flag; the list that was printed before says what else is to be done. */
  async function workToTheEnd(): Promise<void> {
    for (const step of left.splice(0)) if (step.run === undefined) await attempt(step)
  }

  function wayOf({ id, branches }: Step): string | undefined {
    return branches && (takes[id] ?? branches.at(-1)?.name ?? '')
  }

  function say(about: Step): void {
    const { id: step, subject } = about
    const branch = wayOf(about)
    said.set(keyOf({ id: step, subject }), {
      ...{ step, subject, ...(branch === undefined ? {} : { branch }) },
      ...{ by: 'Jane', at: daemon.now },
    })
  }

  async function commit(more = {}): Promise<void> {
    const { server, scenario, run, accept } = recovery
    const name = nameOf(recovery)
    const words = { ...inGit([...said.values()]), ...more }
    const spec = {
      server,
      scenario,
      run,
      ...(accept && { accept: [{ what: accept, by: 'Jane', at: (acceptedAt ??= daemon.now) }] }),
      ...words,
    }
    const text = stringify({ apiVersion: 'holdfast/v1', kind: 'Recovery', metadata: { name }, spec })
    if (text === committed) return
    const added = committed === '' ? null : { ...inGit([...said.values()].filter((one) => !told.has(one))), ...more }
    committed = text
    for (const one of said.values()) told.add(one)
    const { clone } = driven.lab.paths
    const file = fileOf(recovery)
    await writeFile(join(clone, 'desired-state', file), text)
    await git(clone, 'add', '--all')
    await git(clone, 'commit', '--message', `Restore ${server}`)
    await git(clone, 'push', '--quiet')
    commits?.(file, text, added)
  }

  return {
    declares: () => commit(),
    async goesOn() {
      const view = daemon.runbook(recovery.server)
      sees?.(view)
      if (view.flag === null && view.recovery === null) {
        await workToTheEnd()
        return
      }
      left = view.steps.filter(({ state }) => state !== 'done' && state !== 'ended')
      await work(view)
      // No look proves an import that Holdfast did not run: somebody says so (ADR 0029).
      await commit(left.length === 0 ? { finished: { by: 'Jane', at: daemon.now } } : {})
    },
  }
}

/** Words of steps, and the ways of forks. */
function inGit(words: readonly Said[]): { acknowledge?: Said[]; choose?: Said[] } {
  const acknowledge = words.filter(({ branch }) => branch === undefined)
  const choose = words.filter(({ branch }) => branch !== undefined)
  return { ...(acknowledge.length === 0 ? {} : { acknowledge }), ...(choose.length === 0 ? {} : { choose }) }
}

/** What follows waits until Holdfast has seen it: some things are so for a while only, and a fork ends steps. */
function mustBeSeen({ id, branches }: Step): boolean {
  return id === 'rebuild-machine' || branches !== undefined
}

function keyOf({ id, subject }: { id: string; subject: string }): string {
  return `${id} ${subject.toLowerCase()}`
}
