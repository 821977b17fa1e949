/**
 * What is lost comes back by the runbook, with what it held: each scenario of the domain reference, section 6.1, through the
 * real drivers. The runbook says what is next, hands of the lab do it, a commit says what nothing can see, and Holdfast runs
 * its own steps.
 */
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openUnpairedLab, type DrivenLab } from '../support/driven-lab.ts'
import { inWords } from '../support/operator.ts'
import { asMarkdown, storyteller, type Scene } from '../support/recovery-story.ts'
import { bringBack, held, lose, operators } from '../support/scenario-run.ts'
import { scenarios } from '../support/scenarios.ts'
import type { CentralStore } from '../support/unpaired-deployment.ts'

const docs = join(import.meta.dirname, '..', '..', 'docs', 'recovery')

/** What a scenario left whole serves the next one; after a failure a new lab does. */
const labs = new Map<CentralStore, DrivenLab>()
afterAll(async () => {
  for (const lab of labs.values()) await lab[Symbol.asyncDispose]()
})

test.each(scenarios)(
  '$what',
  async (scenario) => {
    const { centralStore, acts, page } = scenario
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
    labs.set(centralStore, driven)
    used.move()
    // `npm run generate:recovery` writes it anew.
    if (page) await expect(asMarkdown(page.title, scenes)).toMatchFileSnapshot(join(docs, page.file))
  },
  300_000,
)
