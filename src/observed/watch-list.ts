/** What is watched: one entry for each fact and subject that desired state, or the published topology, names. */
import type { ProbedFact } from '../domain/cadence.ts'
import type { Desired } from '../domain/model.ts'
import type { PublishedTopology } from '../domain/published.ts'
import type { Subject } from '../domain/words.ts'
import { probes } from './probes.ts'
import type { Snapshot } from './snapshot.ts'
import { isAbout } from './subjects.ts'
import type { Watch } from './watch.ts'

/**
 * What is looked at: `due`: what was not looked at within its cadence; `cmdlets`: what needs the shell host, `directly`:
 * what does not; else what these subjects are about.
 */
export type Looks = 'all' | 'due' | 'cmdlets' | 'directly' | readonly Subject[]

export interface WatchList extends AsyncDisposable {
  /** Watches exactly what these name from now on; what is watched already goes on. */
  follow(desired: Desired, topology: PublishedTopology | null): void
  of(subjects: Looks): readonly { fact: ProbedFact; watch: Watch }[]
  /** How often each fact is looked at from now on. */
  keepPace(secondsOf: (fact: ProbedFact) => number): void
  /** From now on each looks by itself. */
  start(): void
}

interface Entry {
  fact: ProbedFact
  subject: Subject
}

interface WatchListOptions {
  snapshot: Snapshot
  watchOf: (fact: ProbedFact, subject: Subject) => Watch
  /** Called when something is watched no more. */
  onDrop: (fact: ProbedFact, subject: Subject) => void
}

export function createWatchList({ snapshot, watchOf, onDrop }: WatchListOptions): WatchList {
  const watched = new Map<string, Entry & { watch: Watch }>()
  const ending = new Set<Promise<void>>()
  let started = false

  function dropAllBut(wanted: ReadonlyMap<string, Entry>): void {
    for (const [key, { fact, subject, watch }] of watched) {
      if (wanted.has(key)) continue
      watched.delete(key)
      snapshot.forget(fact, subject)
      onDrop(fact, subject)
      const end = watch.stop().finally(() => ending.delete(end))
      ending.add(end)
    }
  }

  return {
    follow(desired, topology) {
      const wanted = new Map<string, Entry>()
      for (const fact of Object.keys(probes) as ProbedFact[]) {
        const subjects = probes[fact].subjects(desired, topology)
        snapshot.keep(fact, subjects)
        for (const subject of subjects) wanted.set(keyOf(fact, subject, desired), { fact, subject })
      }
      dropAllBut(wanted)
      for (const [key, { fact, subject }] of wanted) {
        if (watched.has(key)) continue
        const watch = watchOf(fact, subject)
        watched.set(key, { fact, subject, watch })
        if (started) watch.start()
      }
    },
    of: (subjects) =>
      [...watched.values()].filter(({ fact, subject, watch }) => {
        if (subjects === 'all') return true
        if (subjects === 'due') return watch.isDue()
        if (subjects === 'cmdlets' || subjects === 'directly')
          return (typeof probes[fact].atOnce === 'number') === (subjects === 'directly')
        return subjects.some((one) => isAbout(one, subject))
      }),
    keepPace(secondsOf) {
      for (const { fact, watch } of watched.values()) watch.keepPace(secondsOf(fact))
    },
    start() {
      started = true
      for (const { watch } of watched.values()) watch.start()
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...[...watched.values()].map(({ watch }) => watch.stop()), ...ending])
    },
  }
}

/** A location whose share has changed is another one, though its name is the same. */
function keyOf(fact: ProbedFact, subject: Subject, { locations }: Desired): string {
  const share = fact === 'location' ? locations.find(({ name }) => name === subject)?.share : undefined
  return [fact, subject, share].join(' ')
}
