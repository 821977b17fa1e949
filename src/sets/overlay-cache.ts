import type { BackupSet, Verification } from '../domain/backup-set.ts'
import { vanishedOf, type VanishedSet } from '../domain/vanished-set.ts'
import type { SetId } from '../domain/words.ts'
import type { SetCache } from './catalogue.ts'

/** The cache as it is, with everything new kept in memory only: for commands that read and write nothing. */
export function overlayCache(below: SetCache): SetCache {
  const changed = new Map<SetId, BackupSet | null>()
  const proofs = new Map<SetId, Verification[]>()
  const vouched = new Map<SetId, string>()
  const former = new Map<SetId, string>()
  const unlisted = new Map<string, ReadonlySet<string>>()
  const missed = new Map<SetId, VanishedSet>()
  return {
    get: (id) => (changed.has(id) ? (changed.get(id) ?? null) : below.get(id)),
    put: (...sets) => {
      for (const set of sets) {
        changed.set(set.id, set)
        missed.delete(set.id)
      }
    },
    forget: (id) => {
      changed.set(id, null)
    },
    vanish: (sets, at) => {
      for (const set of sets) {
        changed.set(set.id, null)
        missed.set(set.id, vanishedOf(set, at))
      }
    },
    vanished: () => [...below.vanished().filter(({ id }) => !changed.has(id)), ...missed.values()],
    ids: (location) => {
      const mine = [...changed.values()].filter((set) => set?.location === location).map((set) => set?.id ?? '')
      return [...below.ids(location).filter((id) => !changed.has(id)), ...mine]
    },
    all: (location) => [
      ...below.all(location).filter(({ id }) => !changed.has(id)),
      ...[...changed.values()].filter((set) => set?.location === location).filter((set) => set !== null),
    ],
    isVouched: (id, sha256) => vouched.get(id) === sha256 || below.isVouched(id, sha256),
    vouch: (sets) => {
      for (const { id, commitSha256 } of sets) {
        vouched.set(id, commitSha256)
        const { unvouched: _unvouched, ...set } = changed.get(id) ?? below.get(id) ?? {}
        if ('id' in set) changed.set(id, set)
      }
    },
    neverListed: (location) => unlisted.get(location) ?? below.neverListed(location),
    find: (location, sets, neverListed) => {
      unlisted.set(location, neverListed)
      for (const { id, commitSha256 } of sets) former.set(id, commitSha256)
    },
    isFormer: (id, sha256) => former.get(id) === sha256 || below.isFormer(id, sha256),
    listAnew: (location) => {
      below.listAnew(location)
    },
    proofs: (id) => [...below.proofs(id), ...(proofs.get(id) ?? [])],
    allOk: (set) => below.allOk(set),
    prove: (id, proof) => {
      proofs.set(id, [...(proofs.get(id) ?? []), proof])
    },
  }
}
