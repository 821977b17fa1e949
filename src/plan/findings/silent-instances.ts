import { whyUnseen } from '../../domain/observation.ts'
import { foldSubject } from '../../domain/subject.ts'
import type { Finding } from '../../domain/statement.ts'
import type { ExpectedInstance } from '../health/expected.ts'
import { isRefusal } from '../health/refusal.ts'
import type { Digest } from '../digest.ts'
import type { Fresh } from '../standing.ts'
import type { FindingRule } from './rule.ts'

/** Instances of which nothing can be seen though their machine answers: they are silent, or they refuse us. */
export const silentInstances: FindingRule = {
  codes: ['sql-instance-silent', 'sql-instance-refuses'],
  find,
  isDark: ({ subject }, { classes: { scene } }) =>
    scene.expected.instances.has(foldSubject(subject)) && scene.sights.of('sqlInstance', subject).state === 'dark',
}

/** A machine that is silent itself is told by another rule. */
function find({ classes }: Digest): Fresh<Finding>[] {
  const { expected, sights } = classes.scene
  const isAnswering = ({ host }: ExpectedInstance): boolean =>
    host === null || ['healthy', 'degraded'].includes(classes.hosts.get(host)?.class ?? '')
  return [...expected.instances.values()].flatMap((instance) => {
    const sight = sights.of('sqlInstance', instance.subject)
    if (sight.state !== 'silent' || !isAnswering(instance) || !isNewsOf(instance, classes)) return []
    const isRefused = isRefusal(sight)
    return [
      isRefused ? refuses(instance, whyUnseen(sight.observation)) : silent(instance, whyUnseen(sight.observation)),
    ]
  })
}

/** A listener or a cluster's name is told only where one of its machines answers; else they are the news. */
function isNewsOf({ host, store }: ExpectedInstance, { scene }: Digest['classes']): boolean {
  if (host !== null) return true
  const mode = store.highAvailability
  const names = mode.kind === 'availability-group' ? mode.replicas : mode.kind === 'failover-cluster' ? mode.nodes : []
  const machines = names.map((name) => foldSubject(name.split('\\')[0] ?? ''))
  return (
    machines.length === 0 ||
    machines.some((machine) => (scene.neighbourhood.contacts.get(machine)?.answers ?? null) !== null)
  )
}

function silent({ subject }: ExpectedInstance, error: string): Fresh<Finding> {
  return {
    code: 'sql-instance-silent',
    severity: 'error',
    subject,
    desired: 'answers',
    observed: error,
    message: `Its machine answers, but SQL Server does not: ${error}`,
  }
}

function refuses({ subject }: ExpectedInstance, error: string): Fresh<Finding> {
  return {
    code: 'sql-instance-refuses',
    severity: 'error',
    subject,
    desired: 'lets us in',
    observed: error,
    message: `SQL Server answers, but refuses us, so nothing of its databases can be told: ${error}`,
  }
}
