/**
 * What is lost comes back by the runbook, with what it held: each scenario of the domain reference, section 6.1, through the
 * real drivers. The runbook says what is next, hands of the lab do it, a commit says what nothing can see, and Holdfast runs
 * its own steps.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { publishedShapes } from '../../src/views/published.ts'
import type { StoryLoss } from '../../src/views/story/shape.ts'
import { openUnpairedLab, type DrivenLab, type Watcher } from '../support/driven-lab.ts'
import { inWords, nameOf, type Recovery } from '../support/operator.ts'
import { holdsPage } from '../support/recovery-pages.ts'
import { storyteller, type Scene } from '../support/recovery-story.ts'
import { bringBack, held, lose, operators, putAway } from '../support/scenario-run.ts'
import { scenarios } from '../support/scenarios.ts'
import { holdfast } from '../support/terminal.ts'
import type { CentralStore } from '../support/small-deployment.ts'

/** What a scenario left whole serves the next one; after a failure a new lab does. */
const labs = new Map<CentralStore, DrivenLab>()
afterAll(async () => {
  for (const lab of labs.values()) await lab[Symbol.asyncDispose]()
})

test.each(scenarios)(
  '$what',
  async (scenario) => {
    const { centralStore, recoveries, acts, ran, page } = scenario
    await using used = new AsyncDisposableStack()
    const driven = used.use(labs.get(centralStore) ?? (await openUnpairedLab(centralStore)))
    labs.delete(centralStore)
    const before = held(driven)
    await using daemon = await driven.watcher()
    const flagged = await lose(scenario, driven, daemon)

    const [done, scenes]: [string[], Scene[]] = [[], []]
    const story = storyteller((scene) => scenes.push(scene))
    const does: typeof story.does = (hand, step) => {
      done.push(inWords(hand))
      story.does?.(hand, step)
    }
    const all = operators(scenario, driven, daemon, { ...story, does })
    await bringBack(all, scenario, daemon, flagged)

    expect(held(driven)).toEqual(before)
    expect(done).toEqual(acts)
    for (const recovery of recoveries.slice(0, 1)) {
      const { server, run } = recovery
      const loss = await storyOf(recovery, driven, daemon)
      expect(loss).toMatchObject({
        ...{ server, scenario: recovery.scenario, ended: { how: run === 'guide' ? 'finished' : 'closed' } },
        merged: expect.arrayContaining([expect.objectContaining({ run, author: 'Contoso Lab' })]) as unknown,
      })
      const runs = loss.runs.filter(({ outcome }) => outcome === 'done')
      expect(runs.map(({ step }) => step).sort()).toEqual(ran)
      expect(runs.every(({ seconds, set, step }) => seconds !== null && (set !== null || isService(step)))).toBe(true)
      const [image] = loss.steps.filter(({ step }) => step === 'take-image')
      if (image) expect(image.changes.at(-1)).toMatchObject({ state: 'done', how: 'said', by: 'Jane' })
    }
    await putAway(scenario, driven)
    labs.set(centralStore, driven)
    used.move()
    if (page) await holdsPage(page, scenes)
  },
  300_000,
)

const isService = (step: string | null): boolean => step?.endsWith('-services') ?? false

/** `holdfast audit story`, of the only loss that there was. */
async function storyOf(recovery: Recovery, driven: DrivenLab, daemon: Watcher): Promise<StoryLoss> {
  const config = join(driven.folder, 'story.yaml')
  await writeFile(config, (await readFile(driven.lab.config, 'utf8')).replace(/^state: .*$/m, `state: ${daemon.state}`))
  const argv = ['audit', 'story', nameOf(recovery), '--config', config, '--output', 'json']
  const { code, err, json } = await holdfast(driven.folder, ...argv)
  expect(code, err).toBe(0)
  const { losses } = publishedShapes['audit-story'].parse(json())
  if (losses.length !== 1 || !losses[0]) throw new Error(`it tells of ${losses.length} losses`)
  return losses[0]
}
