import type { DatabaseFacts } from '../../domain/facts.ts'
import type { Desired, SqlStore } from '../../domain/model.ts'
import { isSessionHidden } from '../../domain/mirror.ts'
import { foldSubject, sameSubject, sqlSubject } from '../../domain/subject.ts'
import type { Finding } from '../../domain/statement.ts'
import type { Subject } from '../../domain/words.ts'
import type { Sights } from '../health/sights.ts'
import type { Digest } from '../digest.ts'
import type { Fresh } from '../standing.ts'
import type { FindingRule } from './rule.ts'

/** Mirrored stores whose partners both answer and do not keep step. A partner that is out is told elsewhere. */
export const mirrorsOutOfStep: FindingRule = {
  codes: ['mirror-not-synchronized'],
  find: ({ desired, classes }) =>
    pairsOf(desired).flatMap(({ store, partners }) => mirrorFinding(store, partners, classes)),
  isDark: ({ subject }, { desired, classes: { scene } }) =>
    pairsOf(desired).some(
      ({ store, partners }) =>
        sameSubject(sqlSubject(store), subject) &&
        partners.some((partner) => scene.sights.of('sqlInstance', partner).state === 'dark'),
    ),
}

function pairsOf({ sqlStores }: Desired): { store: SqlStore; partners: Subject[] }[] {
  return sqlStores.flatMap((store) =>
    store.highAvailability.kind === 'mirror'
      ? [{ store, partners: [sqlSubject(store), sqlSubject(store.highAvailability.partner)] }]
      : [],
  )
}

/** A copy in RESTORING whose session the login may not see, and that its partner does not know. */
const unnamedMirror = 'RESTORING, and not named by its partner'

function mirrorFinding(store: SqlStore, partners: readonly string[], classes: Digest['classes']): Fresh<Finding>[] {
  const { expected, sights } = classes.scene
  if (partners.some((partner) => sights.of('sqlInstance', partner).state !== 'seen')) return []
  const names = expected.instances.get(foldSubject(sqlSubject(store)))?.restored.map(({ name }) => name) ?? []
  const isWell = (name: string): boolean =>
    partners.every((partner) => {
      const kind = classes.databases.get(foldSubject(`${partner}/${name}`))?.class
      return kind === 'healthy' || (kind === 'unknown' && isHidden(partner, name, sights))
    })
  const told = names.filter(isWell).flatMap((name) => {
    const states = partners.flatMap((partner) => sessionOf(partner, name, sights))
    const unnamed = partners.some((partner) => isHidden(partner, name, sights)) ? [unnamedMirror] : []
    const wrong = [...states, ...unnamed].find((state) => state !== 'SYNCHRONIZED' && state !== 'SYNCHRONIZING')
    return wrong === undefined ? [] : [`${name}: ${wrong}`]
  })
  if (told.length === 0) return []
  return [
    {
      code: 'mirror-not-synchronized',
      severity: 'warning',
      subject: sqlSubject(store),
      desired: `mirrored to ${partners[1] ?? ''}`,
      observed: told.join(', '),
      message: `Both partners answer, but their copies are not kept alike (${told.join(', ')}): a failover would lose data, or not happen.`,
    },
  ]
}

function find(partner: string, name: string, sights: Sights): DatabaseFacts | undefined {
  const sight = sights.of('sqlInstance', partner)
  return sight.state === 'seen'
    ? sight.value.databases.find((one) => foldSubject(one.name) === foldSubject(name))
    : undefined
}

function isHidden(partner: string, name: string, sights: Sights): boolean {
  const [sight, found] = [sights.of('sqlInstance', partner), find(partner, name, sights)]
  return sight.state === 'seen' && found !== undefined && isSessionHidden(found, sight.value)
}

/** The session as this partner tells it; nothing where it does not. */
function sessionOf(partner: string, name: string, sights: Sights): string[] {
  const found = find(partner, name, sights)
  if (!found || isHidden(partner, name, sights)) return []
  if (found.mirroringRole === null) return ['not mirrored']
  return typeof found.mirroringState === 'string' ? [found.mirroringState] : []
}
