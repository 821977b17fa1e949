import { toProblem } from '../base/problem.ts'
import { claimLocation, readLocation, takeOverLocation } from '../sets/location.ts'
import type { ActionOf } from '../domain/action.ts'
import { locationNamed } from './desired-parts.ts'
import type { BroughtJournal, Handler } from './handler.ts'

/** It belongs to us; but who had it before may still be at work there. */
async function waitsFor(hold: () => Promise<void>): Promise<string | null> {
  try {
    await hold()
    return null
  } catch (thrown) {
    const { code, message } = toProblem(thrown)
    if (code !== 'location-in-use') throw thrown
    return `Nothing is written until the one before has ended: ${message}`
  }
}

function textOf(journal: BroughtJournal | null): string | null {
  if (journal === null) return null
  const { last, lost } = journal
  const gap = lost === null ? 'none were lost' : `entries ${lost.from} to ${lost.to} were lost`
  return `The journal of the former state store came back with it: entries 1 to ${last}; ${gap}.`
}

/** Makes this daemon the owner of a location that another one of the same deployment owned, or of a new share in its place. */
export const takeOver: Handler<ActionOf<'take-over-location'>> = {
  async run(action, tools) {
    const location = locationNamed(action.location, tools)
    const { identity } = await readLocation(location, tools.owner, tools.drivers)
    // A new share on purpose: nobody misses the sets of the former one. If they are here after all, the next look finds them.
    if (identity === null)
      await tools.keep(() => {
        for (const id of tools.cache.ids(location.name)) tools.cache.forget(id)
      })
    const take = identity === null ? claimLocation : takeOverLocation
    const us = { deployment: tools.desired.deployment.name, owner: tools.owner }
    // What the former owner made there while we did not own it is believed on the word of Git.
    await tools.keep(() => {
      tools.cache.listAnew(location.name)
    })
    await take(location, us, tools.drivers)
    const waits = await waitsFor(() => tools.ownership.hold(location, us))
    return { outcome: 'done', message: waits ?? textOf(await tools.bringJournal(location)), set: null }
  },

  async resolve(action, _set, tools) {
    const { identity } = await readLocation(locationNamed(action.location, tools), tools.owner, tools.drivers)
    return identity?.owner === tools.owner
      ? { outcome: 'done', message: null, set: null }
      : { outcome: 'interrupted', message: 'The daemon ended before the location was taken over.', set: null }
  },
}
