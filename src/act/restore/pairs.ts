import { Problem, toProblem } from '../../base/problem.ts'
import { conferenceContent, faultOf } from '../../domain/backup-service.ts'
import type { PairingModule } from '../../domain/facts.ts'
import { servedBy, stateIn } from '../../domain/pool-state.ts'
import type { PairOperation } from '../../domain/procedures/operation.ts'
import { judge } from '../../domain/suspect.ts'
import { itemKey } from '../../domain/subject.ts'
import type { Item, Subject } from '../../domain/words.ts'
import { deadline } from '../../drivers/deadline.ts'
import type { CallName } from '../../drivers/shell/host.ts'
import { objectsOf, onlyObject, unreadable } from '../../observed/answer.ts'
import { readModules } from '../../observed/probes/pairing.ts'
import { readPoolStates } from '../../observed/probes/pool-states.ts'
import type { Tools } from '../handler.ts'
import { compare, countBefore, countNow, told, type Counts } from './count-now.ts'
import type { Restored } from './restorer.ts'

/** "Failback: up to 60 min for 20,000 users" (domain reference, section 7.1), beside the cmdlet itself. */
const patienceSeconds = 60 * 60
const lookEverySeconds = 5

type Ways = Pick<PairOperation, 'pool' | 'partner'>

/**
 * `Invoke-CsPoolFailback`, and until the pool is Active, both backup services are steady, and more is there than before. A pool
 * that is Active already is only proved. Throws Problem `partner-not-serving` before anything is touched, `pair-not-settled`,
 * `failback-came-short`, and what a call ends with.
 */
export async function failBackPool({ pool, partner }: Ways, tools: Tools, signal: AbortSignal): Promise<Restored> {
  const state = await stateOf(pool, tools, signal)
  const isBack = servedBy(state) === 'itself'
  let said: string[] = []
  if (!isBack) {
    if (servedBy(state) === 'unknown' || state === 'FailingOver')
      throw notServing(pool, `${pool} is ${state}: it is not failed over.`)
    await expectServing({ pool, partner }, tools, signal)
    if (tools.counted() === null) await tools.keepCount(await countBefore(usersOf(pool), tools, signal))
    said = await call('fail-back-pool', { PoolFqdn: pool, Confirm: false }, tools, signal)
  }
  await settle(pool, said, tools, signal, async (limit) => {
    const now = await stateOf(pool, tools, limit)
    const faults = [...(await faultsOf(pool, tools, limit)), ...(await faultsOf(partner, tools, limit))]
    return servedBy(now) === 'itself' && faults.length === 0 ? null : [`${pool} is ${now}`, ...faults].join('; ')
  })
  const { message, counts } = await proveUsers(pool, tools, signal)
  return {
    message: `${pool} is Active, and the backup services of ${pool} and ${partner} are steady. ${message}`,
    counts,
    ...(isBack ? { resumed: true as const } : {}),
  }
}

/**
 * `Invoke-CsBackupServiceSync` of conference content, as often as one likes, and until the module is steady. Throws Problem
 * `partner-not-serving` before anything is touched, `pair-not-settled`, and what a call ends with.
 */
export async function syncConferenceContent(
  { pool, partner }: Ways,
  tools: Tools,
  signal: AbortSignal,
): Promise<Restored> {
  await expectServing({ pool, partner }, tools, signal)
  const asked = { PoolFqdn: partner, BackupModule: conferenceContent }
  const said = await call('sync-backup-service', asked, tools, signal)
  const isContent = ({ name }: PairingModule): boolean => name === conferenceContent
  let module = ''
  await settle(partner, said, tools, signal, async (limit) => {
    const modules = (await modulesOf(partner, tools, limit)).filter(isContent)
    module = modules.map(({ exportStatus, importStatus }) => `${exportStatus}, ${importStatus}`).join()
    if (modules.length === 0) return `${partner} has no module ${conferenceContent}`
    return faultsIn(partner, modules)[0] ?? null
  })
  return { message: `${conferenceContent} of ${partner} is steady (${module}): ${pool} has what was uploaded there.` }
}

/** It lives, is itself Active, and its backup service tells how it is: asked right before anything is touched. */
async function expectServing({ pool, partner }: Ways, tools: Tools, signal: AbortSignal): Promise<void> {
  const state = await stateOf(partner, tools, signal)
  if (servedBy(state) !== 'itself') throw notServing(pool, `${partner} is ${state}.`)
  try {
    await modulesOf(partner, tools, signal)
  } catch (thrown) {
    signal.throwIfAborted()
    const { code, message } = toProblem(thrown)
    if (code !== 'shell-call-failed' && code !== 'answer-unreadable') throw thrown
    throw notServing(pool, `The backup service of ${partner} does not tell: ${message}`)
  }
}

function notServing(pool: Subject, why: string): Problem {
  return new Problem('partner-not-serving', {
    subject: pool,
    message: `${why} Nothing was touched.`,
    hint: 'Look at both pools: Get-CsRegistrarConfiguration, Get-CsBackupServiceStatus. Where the partner does not come back, choose from-set in Git.',
  })
}

async function stateOf(pool: Subject, { drivers }: Tools, signal: AbortSignal): Promise<string> {
  const answer = await drivers.shell.call('registrar-settings', {}, signal)
  return stateIn(readPoolStates(objectsOf(answer), [pool]), pool) ?? ''
}

async function modulesOf(pool: Subject, { drivers }: Tools, signal: AbortSignal): Promise<PairingModule[]> {
  const status = onlyObject(await drivers.shell.call('backup-service-status', { PoolFqdn: pool }, signal))
  if (status === null) throw unreadable('it holds no object')
  return readModules(status)
}

async function faultsOf(pool: Subject, tools: Tools, signal: AbortSignal): Promise<string[]> {
  return faultsIn(pool, await modulesOf(pool, tools, signal))
}

function faultsIn(pool: Subject, modules: readonly PairingModule[]): string[] {
  return modules.flatMap((module) => {
    const fault = faultOf(module, false)
    return fault === null ? [] : [`${module.name} of ${pool}: ${fault.says}`]
  })
}

/** What the call complained of without ending; what is seen afterwards decides. */
async function call(
  name: CallName,
  parameters: Readonly<Record<string, string | boolean>>,
  { drivers }: Tools,
  signal: AbortSignal,
): Promise<string[]> {
  return (await drivers.shell.call(name, parameters, signal)).errors.map(({ message }) => message)
}

/** Looks again until all is as wanted. `look` tells what is not, null when nothing is left. */
async function settle(
  subject: Subject,
  said: readonly string[],
  { drivers: { clock } }: Tools,
  outer: AbortSignal,
  look: (signal: AbortSignal) => Promise<string | null>,
): Promise<void> {
  let last = 'nothing was seen yet'
  const complaint = said[0] === undefined ? '' : ` The cmdlet said: ${said[0]}`
  const late = (): Problem =>
    new Problem('pair-not-settled', {
      subject,
      message: `The pair was not settled within ${patienceSeconds / 60} minutes: ${last}.${complaint}`,
      hint: 'Look at both pools with Get-CsBackupServiceStatus and at their event logs, then let the step run again: what is done already is left as it is.',
    })
  using limit = deadline(clock, patienceSeconds * 1000, late, outer)
  try {
    for (;;) {
      // What was asked for is not begun in the same moment.
      await clock.sleep(lookEverySeconds * 1000, limit.signal)
      const left = await look(limit.signal).catch((thrown: unknown) => {
        const { code, message } = toProblem(thrown)
        if (code !== 'shell-call-failed' && code !== 'answer-unreadable') throw thrown
        return message
      })
      if (left === null) return
      last = left
    }
  } catch (thrown) {
    outer.throwIfAborted()
    throw limit.signal.aborted ? limit.signal.reason : thrown
  }
}

function usersOf(pool: Subject): Item {
  return { kind: 'user-data', subject: pool }
}

/**
 * No query proves what a failback brought. What is there is counted as a backup counts it, beside the newest copy in a set; it
 * may be less, for users work on. None of it, or no more than the rebuilt pool had before, is too little.
 */
async function proveUsers(
  pool: Subject,
  tools: Tools,
  signal: AbortSignal,
): Promise<{ message: string; counts: Counts }> {
  const counts = await countNow(usersOf(pool), tools, signal)
  const copy = tools
    .sets()
    .flatMap(({ items }) => items.filter((one) => one.outcome === 'ok' && itemKey(one) === itemKey(usersOf(pool))))[0]
  if (!copy) return { message: 'No set holds its user data, to be compared with.', counts }
  const before = tools.counted()
  const compared = compare(copy.counts, counts)
  const doubt = judge({ ...copy, counts }, copy)
  const isMissing = (what: string): boolean => (before?.[what] ?? 0) < (copy.counts?.[what] ?? 0)
  const nothingCame = before !== null && compared.some(({ what }) => isMissing(what)) && !compared.some(isMore(before))
  if (doubt.outcome !== 'suspect' && !nothingCame) return { message: `${compared.map(told).join(', ')}.`, counts }
  const why = nothingCame ? `No more is there than before: ${compared.map(told).join(', ')}.` : doubt.message
  throw new Problem('failback-came-short', {
    subject: pool,
    message: `The pool is Active, but its user data are not there. ${why ?? ''}`,
    hint: 'Look at the users of the pool on both pools. What the partner still has comes by another failback; merge single users from a set (Update-CsUserData).',
  })
}

function isMore(before: Counts): (one: { what: string; now: number }) => boolean {
  return ({ what, now }) => now > (before[what] ?? 0)
}
