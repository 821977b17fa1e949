/** What every test of a scenario does: something is lost, and operators bring it back. */
import type { Snapshot } from '../../src/domain/plan.ts'
import { leftSteps } from '../../src/domain/runbook.ts'
import { heldContent, type Held } from '../../src/lab/content-view.ts'
import { change } from '../../src/lab/lab.ts'
import type { DrivenLab, Watcher } from './driven-lab.ts'
import { git } from './lab.ts'
import { fileOf, operator, type Manner, type Operator } from './operator.ts'
import type { Scenario } from './scenarios.ts'

/** What is lost of the deployment, and by what it is called lost. */
export type Losses = Pick<Scenario, 'breaks' | 'recoveries'>

/** Breaks what the scenario says, and waits until all of it is flagged. */
export async function lose({ breaks, recoveries }: Losses, driven: DrivenLab, daemon: Watcher): Promise<Snapshot> {
  await daemon.after(0)
  for (const one of breaks) {
    const [kind = '', subject = '', detail] = one.split(' ')
    await change(driven.folder, 'break', { kind, subject, detail: detail ?? null })
  }
  let last = await daemon.after(60)
  const flagged = (): string[] => last.plan.flags.map(({ subject, scenario }) => `${scenario} ${subject}`).sort()
  // Who may have seen it alive is asked again before anything is called lost.
  for (let tries = 0; tries < 6 && flagged().length < recoveries.length; tries++) last = await daemon.after(240)
  const wanted = recoveries.map(({ server, scenario }) => `${scenario} ${server}`).sort()
  if (flagged().join() !== wanted.join()) throw new Error(`Flagged is ${flagged().join()}, and not ${wanted.join()}.`)
  return last
}

/** One for each recovery; what one has done, no other does again. */
export function operators(
  { recoveries }: Pick<Losses, 'recoveries'>,
  driven: DrivenLab,
  daemon: Watcher,
  manner: Manner = {},
): Operator[] {
  const acted = new Set<string>()
  return recoveries.map((recovery) => operator(driven, daemon, recovery, acted, manner))
}

/** Until nothing is flagged, and what is left of the lists is done. */
export async function bringBack(
  all: readonly Operator[],
  { recoveries }: Pick<Losses, 'recoveries'>,
  daemon: Watcher,
  flagged: Snapshot,
): Promise<void> {
  let last = flagged
  for (let round = 0; last.plan.flags.length > 0; round++) {
    if (round > 40) throw new Error(`it does not end: ${JSON.stringify(last.plan.runbooks, null, 1)}`)
    for (const one of all) await one.goesOn()
    last = await daemon.after(60)
    if (!recoveries.some(({ run }) => run === 'holdfast')) continue
    await daemon.runsRecoveries()
    // Of what was run, each probe looks again in its own time: who acts on a look that is half made does otherwise each time.
    last = await daemon.after(60)
  }
  for (const one of all) await one.goesOn()
  // What needs no restore any more is still to be done, and said, as far as it can be.
  const left = async (): Promise<number> => {
    const { leftovers = [] } = (await daemon.after(60)).plan
    return leftovers.flatMap(leftSteps).length
  }
  for (let [before, now] = [Infinity, await left()]; now > 0 && now < before; [before, now] = [now, await left()])
    for (const one of all) await one.goesOn()
}

/**
 * Takes the files of recoveries out of Git, as who has ended one does. The next daemon begins at the present again: what was
 * said by the clock of the last one would be said in its future, and count there.
 */
export async function putAway({ recoveries }: Pick<Losses, 'recoveries'>, { lab }: DrivenLab): Promise<void> {
  const { clone } = lab.paths
  const files = recoveries.map((recovery) => `desired-state/${fileOf(recovery)}`)
  await git(clone, 'rm', '--quiet', ...files)
  await git(clone, 'commit', '--quiet', '--message', 'It is all back')
  await git(clone, 'push', '--quiet')
}

/** What the deployment holds. Not content: what a meeting that runs is shown, and the spool of the replication (section 3.2). */
export function held({ lab }: DrivenLab): Held[] {
  return heldContent({ world: lab.world(), paths: lab.paths }).map(({ content, ...about }) => ({
    ...about,
    content:
      content &&
      Object.fromEntries(Object.entries(content).filter(([name]) => !/Meeting\.Active$|CMSFileStore/.test(name))),
  }))
}
