/** What a step of a recovery counted before it first changed anything: kept from one try to the next, until it is done. */
import type { Remembered } from './memory.ts'

type Counts = Readonly<Record<string, number>>

export interface StepCounts {
  /** By the id of its action; null: it changed nothing yet. */
  read(action: string): Counts | null
  write(action: string, counts: Counts): void
  /** Within a transaction. */
  forget(action: string): void
}

export function openStepCounts(
  kept: Remembered<Readonly<Record<string, Counts>>>,
  durably: (work: () => void) => void,
): StepCounts {
  const all = (): Readonly<Record<string, Counts>> => kept.read() ?? {}
  return {
    read: (action) => all()[action] ?? null,
    write(action, counts) {
      durably(() => {
        kept.write({ ...all(), [action]: counts })
      })
    },
    forget(action) {
      const { [action]: known, ...others } = all()
      if (known) kept.write(others)
    },
  }
}
