import { secondsBetween, type Time } from '../../base/time.ts'
import type { Facts } from '../../domain/facts.ts'
import { whyUnseen } from '../../domain/observation.ts'
import type { Evidence } from '../../domain/statement.ts'
import type { Sight } from './sights.ts'

/** The ground of a statement: what was seen, or that nothing was. */
export function evidence<T>(fact: keyof Facts, sight: Sight<T>, now: Time, tell: (value: T) => string): Evidence[] {
  const { observation } = sight
  if (observation === null) return []
  const { subject, source, at } = observation
  const told = observation.known ? tell(observation.value) : `no answer: ${whyUnseen(observation)}`
  return [
    {
      fact: `${fact} ${subject}`,
      value: sight.state === 'dark' ? `${told} (too long ago, or by another clock, to count)` : told,
      source,
      observedAt: at,
      ageSeconds: Math.max(0, Math.round(secondsBetween(at, now))),
    },
  ]
}

export function tellPorts({ open, closed }: Facts['ports']): string {
  return `open: ${listed(open)}; closed: ${listed(closed)}`
}

export function tellServices({ services }: Facts['services']): string {
  return services.length === 0 ? 'none' : services.map(({ name, status }) => `${name} ${status}`).join(', ')
}

export function tellFileStore({ folders, entries, bornAt, mountPoint }: Facts['fileStore']): string {
  const content = entries === undefined ? '' : `; ${entries === 0 ? 'no' : 'has'} entries`
  return `folders: ${listed(folders)}${content}${bornAt ? `; since ${bornAt}` : ''}${mountPoint ? `; mounted at ${mountPoint}` : ''}`
}

/** Of an instance only what `names` asks about. */
export function tellDatabases(names: readonly string[]): (value: Facts['sqlInstance']) => string {
  const wanted = new Set(names.map((name) => name.toLowerCase()))
  return ({ databases, administrator, viewAnyDatabase }) => {
    const found = databases.filter(({ name }) => wanted.has(name.toLowerCase()))
    const rows = found.map(({ name, state, mirroringRole, mirroringState, createdAt }) =>
      [name, state, mirroringRole, mirroringState, createdAt && `created ${createdAt}`].filter(Boolean).join(' '),
    )
    const missing = [...wanted].filter((name) => !found.some((one) => one.name.toLowerCase() === name))
    if (missing.length > 0) rows.push(`not listed: ${missing.join(', ')}`)
    return `${rows.join('; ')}${administrator || viewAnyDatabase ? '' : ' (the login may not see every database)'}`
  }
}

function listed(values: readonly (string | number)[]): string {
  return values.length === 0 ? 'none' : values.join(', ')
}
