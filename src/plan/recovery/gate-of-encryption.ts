/**
 * Whether the instance opens the backup of an encrypted database (TDE): "without the certificate of `master` no other server
 * opens the backup" (domain reference, section 6.14). Of what is not known to be encrypted nothing is asked here: RESTORE
 * itself refuses it before anything is touched.
 */
import type { Gate } from '../../domain/gate.ts'
import { foldSubject, itemKey, parseDatabase, sameSubject, sqlSubject } from '../../domain/subject.ts'
import type { Item, Subject } from '../../domain/words.ts'
import type { Ground } from './evidence/sighting.ts'

interface Locked {
  gate: Extract<Gate, 'database-encrypted' | 'certificate-unseen'>
  message: string
  subject: Subject
}

/** Nothing where the copy is not known to be encrypted, or opens there. */
export function intoOpeningInstance(item: Item, { digest, recovery }: Pick<Ground, 'digest' | 'recovery'>): Locked[] {
  const parts = item.kind === 'sql-database' ? parseDatabase(item.subject) : null
  const set = recovery.copies.get(itemKey(item))
  const held = set && digest.observed.facts.environmentRecord.get(set.id)
  if (!parts || !set || !held?.known) return []
  const { record, encryptors = {} } = held.value
  const encryptor = ofSubject(encryptors, item.subject)
  if (encryptor === undefined && ofSubject(record, item.subject)?.['encrypted'] !== 'yes') return []
  const instance = sqlSubject(parts)
  const encrypted = `${item.subject} is encrypted (TDE) in ${set.id}`
  const unseen = (why: string): Locked[] => [
    { gate: 'certificate-unseen', message: `${encrypted}: ${why}.`, subject: item.subject },
  ]
  if (encryptor === undefined) return unseen('what opens it is not recorded')
  const sight = digest.classes.scene.sights.of('sqlInstance', instance)
  if (sight.state !== 'seen')
    return unseen(`whether the certificate 0x${encryptor} is on ${instance} is not seen, for it does not answer`)
  const { encryptors: there } = sight.value
  if (there === undefined)
    return unseen(`whether the certificate 0x${encryptor} is on ${instance} is shown to sysadmin alone`)
  if (there.some((one) => sameSubject(one, encryptor))) return []
  const message = `${encrypted}: the certificate 0x${encryptor}, with its private key, is not in master of ${instance}, and without it the backup does not open. Create it there first.`
  return [{ gate: 'database-encrypted', message, subject: item.subject }]
}

/** Names are written in any case. */
function ofSubject<V>(values: Readonly<Record<Subject, V>>, subject: Subject): V | undefined {
  const wanted = foldSubject(subject)
  return Object.entries(values).find(([one]) => foldSubject(one) === wanted)?.[1]
}
