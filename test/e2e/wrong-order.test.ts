/**
 * The acts of a recovery in a wrong order: what is there is never overwritten by Holdfast, nor does it destroy anything, and all
 * ends right. Three scenarios, because each takes as long as twice the right order: one with files, imports and services, one
 * with the services of a living pool, one with databases that SQL Server restores. WRONG_ORDER=all takes each in which Holdfast
 * runs something, or could. The seed is in the name of the test; SEED=... tries another order.
 */
import { expect, test } from 'vitest'
import { toProblem } from '../../src/base/problem.ts'
import { chanceOf } from '../../src/lab/chance.ts'
import { openUnpairedLab } from '../support/driven-lab.ts'
import { use } from '../support/hands.ts'
import { bringBack, held, lose, operators } from '../support/scenario-run.ts'
import { scenarios, type Scenario } from '../support/scenarios.ts'

const seed = process.env['SEED'] ?? '1'
const isAll = process.env['WRONG_ORDER'] === 'all'
const rows = scenarios.filter(({ what, page, recoveries }) =>
  isAll ? recoveries.every(({ run }) => run === 'holdfast') : page !== undefined || what.startsWith('Archiving'),
)

test.each(rows)(
  `$what (SEED=${seed})`,
  async (scenario) => {
    await using driven = await openUnpairedLab(scenario.centralStore)
    const before = held(driven)
    await using daemon = await driven.watcher()
    await lose(scenario, driven, daemon)
    const all = operators(scenario, driven, daemon, { minds: false })
    for (const one of all) await one.declares()

    for (const [index, act] of shuffled(scenario).entries()) {
      const [kind = '', subject = '', ...details] = act.split(' ')
      await use({ kind, subject, ...(details[0] === undefined ? {} : { detail: details[0] }) }, driven).catch(refused)
      if (index % 4 !== 3) continue
      await daemon.after(60)
      const found = held(driven)
      await daemon.runsRecoveries()
      expect(harmOf(found, held(driven), before)).toEqual([])
    }
    await daemon.after(120)
    await bringBack(all, scenario, daemon, await daemon.after(60))
    expect(held(driven)).toEqual(before)
  },
  300_000,
)

function shuffled({ what, acts }: Scenario): string[] {
  const chance = chanceOf(`${seed} ${what}`)
  return acts
    .map((act) => ({ act, at: chance() }))
    .sort((a, b) => a.at - b.at)
    .map(({ act }) => act)
}

/** The tool says no: that is what a wrong order comes to. */
function refused(thrown: unknown): void {
  if (toProblem(thrown).code !== 'lab-act-impossible') throw thrown
}

type All = ReturnType<typeof held>

/** What was there when Holdfast began, and is not there any more. Rows that are as the set holds them stay so. */
function harmOf(found: All, left: All, wanted: All): string[] {
  return found.flatMap(({ kind, subject, content }) => {
    const same = (one: All[number]): boolean => one.kind === kind && one.subject === subject
    const [now, whole] = [left.find(same)?.content, wanted.find(same)?.content]
    const isWhole = JSON.stringify(content) === JSON.stringify(whole)
    if (kind === 'rows' && !isWhole) return []
    return Object.entries(content ?? {}).flatMap(([name, texts]) =>
      texts.every((text) => now?.[name]?.includes(text)) && now?.[name] ? [] : [`${kind} of ${subject}: ${name}`],
    )
  })
}
