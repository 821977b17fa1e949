import type { Loss } from '../../domain/loss/found.ts'
import type { Desired } from '../../domain/model.ts'
import { sameSubject } from '../../domain/subject.ts'
import type { Item, Subject } from '../../domain/words.ts'

export interface PairingCover {
  partner: Subject
  covered: Item[]
  notCovered: Item[]
}

/**
 * What the partner of a paired pool holds of the items that are lost. The backup service replicates user data and
 * settings ("Front End pool disaster recovery"); it leaves out locations, archives, Persistent Chat and audio files, and
 * Response Groups before the July 2019 update of 2019, where they are off unless somebody switched them on.
 */
export function pairingOf({ items, pools, stores }: Loss, desired: Desired): PairingCover | null {
  if (items.length === 0) return null
  const users = desired.pools.filter(
    (pool) => pools.includes(pool) || stores.some(({ name }) => pool.stores.user?.name === name),
  )
  const pool = users.find(({ pairedWith }) => pairedWith !== null)
  if (!pool || pool.pairedWith === null) return null
  const isCovered = ({ kind, subject }: Item): boolean =>
    kind === 'configuration' || (kind === 'user-data' && sameSubject(subject, pool.fqdn))
  return {
    partner: pool.pairedWith,
    covered: items.filter(isCovered),
    notCovered: items.filter((item) => !isCovered(item)),
  }
}
