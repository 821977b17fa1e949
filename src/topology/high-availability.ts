import type { HighAvailability } from '../domain/model.ts'
import { sqlSubject } from '../domain/subject.ts'
import type { Choice } from './choice.ts'
import type { Place, Places } from './sql-places.ts'
import type { Warning } from './warning.ts'

/**
 * Topology format, section 6: an attribute shows an availability group, a second dependency a mirror. `own`: the
 * choices whose store is in this place.
 */
export function highAvailabilityOf(
  place: Place,
  own: readonly Choice[],
  places: Places,
  warnings: Warning[],
): HighAvailability {
  if (place.primaryNode !== null) {
    if (place.primaryNode.toLowerCase() === place.host.toLowerCase()) warnings.push(noListener(place))
    return { kind: 'availability-group', listener: place.host, replicas: [place.primaryNode] }
  }
  const partners = new Set(own.flatMap(({ mirror }) => places.of(mirror) ?? []))
  const unclear = own.flatMap(({ ambiguous }) => ambiguous.map((service) => places.of(service) ?? place))
  const [partner, second] = partners
  if (second || unclear.length > 0) warnings.push(ambiguous(place, [...new Set([...partners, ...unclear])]))
  if (!partner || second || partner === place) return { kind: 'none' }
  const [witness] = own.flatMap((choice) => places.of(choice.witness) ?? [])
  return {
    kind: 'mirror',
    partner: { host: partner.host, instance: partner.instance },
    witness: witness ? sqlSubject(witness) : null,
  }
}

function noListener(place: Place): Warning {
  return {
    code: 'import-ambiguous',
    message: `The availability group on ${sqlSubject(place)} has no listener with a name of its own yet; ${place.host} was taken instead. Check listener and replicas.`,
  }
}

function ambiguous(place: Place, others: readonly Place[]): Warning {
  const subjects = others.map((one) => sqlSubject(one)).sort()
  return {
    code: 'import-ambiguous',
    message: `The mirror of ${sqlSubject(place)} is ambiguous: ${subjects.join(', ')}. Set highAvailability by hand.`,
  }
}
