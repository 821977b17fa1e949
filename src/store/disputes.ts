/** Heads of a journal that a share knows and this store's journal does not hold: they outlive a start. */
import type { JournalHead } from '../domain/journal-head.ts'
import type { Dispute } from '../domain/plan.ts'
import type { Journal } from './journal.ts'
import { acceptedType } from './journal.ts'
import type { Remembered } from './memory.ts'

export interface Disputes {
  /** Those that nobody has let go. */
  all(): readonly Dispute[]
  /** Nothing when it is open, or let go, already. */
  open(dispute: Dispute): void
  /** The share knows our own head now. */
  close(location: string): void
  /** Somebody has said that the former journal is gone for good: journals it. */
  accept(location: string): void
  isAccepted(location: string, head: JournalHead): boolean
}

type Row = Dispute & { accepted?: true }

export function openDisputes(
  rows: Remembered<readonly Row[]>,
  durably: (work: () => void) => void,
  journal: Journal,
): Disputes {
  const read = (): readonly Row[] => rows.read() ?? []
  const others = (location: string): Row[] => read().filter((row) => row.location !== location)
  const find = (location: string): Row | undefined => read().find((row) => row.location === location)
  return {
    all: () => read().filter(({ accepted }) => !accepted),
    isAccepted: (location, { sequence, hash }) => {
      const row = find(location)
      return row?.accepted === true && row.sequence === sequence && row.hash === hash
    },
    open(dispute) {
      const known = find(dispute.location)
      if (known?.sequence === dispute.sequence && known.hash === dispute.hash) return
      durably(() => {
        rows.write([...others(dispute.location), dispute])
      })
    },
    close(location) {
      if (!find(location)) return
      durably(() => {
        rows.write(others(location))
      })
    },
    accept(location) {
      const row = find(location)
      if (!row || row.accepted) return
      durably(() => {
        rows.write([...others(location), { ...row, accepted: true }])
        journal.append({
          ...{ actor: 'holdfast', cause: 'intentional', revision: '', type: acceptedType, subject: location },
          message: `A Suspension lets the former journal go, which ended at entry ${row.sequence} (${row.hash}).`,
        })
      })
    },
  }
}
