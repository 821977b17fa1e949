import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog } from '../base/log.ts'
import { Problem, toProblem } from '../base/problem.ts'
import { openSource } from '../desired/source.ts'
import type { RevisionFault, SourceTrouble } from '../domain/facts.ts'
import type { Desired } from '../domain/model.ts'
import { echoOf, onlyAfter, type Check } from './check.ts'
import type { Surroundings } from './surroundings.ts'

/** What a fetch brought. */
interface Fetched {
  /** Of the head where that is valid, else of the revision last applied; null where neither can be had. */
  desired: Desired | null
  head: string | null
  unreachable: Problem | null
  invalid: readonly RevisionFault[]
}

/** What is wrong is told by the checks; which revision is in force, this folder does not know. */
const silent = createLog({ write: () => {} }, 'silent')

/** Fetches into a folder of its own: the daemon's copy may be at work, and nothing is to stay. */
export async function fetchSource(surroundings: Surroundings, signal: AbortSignal): Promise<Fetched> {
  const { config, drivers } = surroundings
  try {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'holdfast-doctor-'))
    const beside = { ...config, state: join(folder.path, 'doctor') }
    await using source = await openSource(beside, null, drivers.clock, silent, drivers.random)
    await source.refresh(signal)
    signal.throwIfAborted()
    const fact = source.fact()
    if (!fact.known) throw new Problem('source-unreachable', { message: fact.error })
    const { head, invalid, unreachable } = fact.value
    const desired = source.lastGood() ?? (await lastApplied(surroundings))
    return { desired, head, invalid, unreachable: unreachable && problemOf(unreachable) }
  } catch (thrown) {
    signal.throwIfAborted()
    const desired = await lastApplied(surroundings).catch(() => null)
    return { desired, head: null, unreachable: toProblem(thrown), invalid: [] }
  }
}

/** As the daemon's own copy holds it. */
async function lastApplied({ config, drivers, remembered, log }: Surroundings): Promise<Desired | null> {
  if (remembered.applied === null) return null
  await using source = await openSource(config, remembered.applied, drivers.clock, log, drivers.random)
  return source.lastGood()
}

function problemOf({ code, message, hint }: SourceTrouble): Problem {
  return new Problem(code, { message, ...(hint === null ? {} : { hint }) })
}

/** `git`: the program. `way`: what a connection to the repository depends on. */
export function sourceChecks({ config }: Surroundings, fetched: Fetched, git: Check, way: readonly Check[]): Check[] {
  const repository: Check = {
    ...{ name: 'repository', subject: config.git.url, group: 'local', deadlineSeconds: 10 },
    ...echoOf([git, ...way]),
    attempt() {
      if (fetched.unreachable) throw fetched.unreachable
      return Promise.resolve(`fetched ${config.git.branch} at ${fetched.head?.slice(0, 12) ?? ''}`)
    },
  }
  const state: Check = {
    ...{ name: 'desired-state', subject: config.git.path, group: 'local', deadlineSeconds: 10 },
    ...onlyAfter([repository]),
    attempt() {
      const [first] = fetched.invalid
      if (first === undefined) return Promise.resolve(`valid at ${fetched.head?.slice(0, 12) ?? ''}`)
      const more = fetched.invalid.length > 1 ? ` (and ${fetched.invalid.length - 1} more)` : ''
      const message = `The newest revision is not valid: ${first.message}${more}`
      if (first.code === 'source-path-missing')
        throw new Problem(first.code, { message, hint: 'Check git.path and git.branch in holdfast.yaml.' })
      throw new Problem('revision-invalid', { message, hint: 'In a clone of the repository: holdfast validate' })
    },
  }
  return [repository, state]
}
