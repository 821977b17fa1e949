import { addSeconds, type Time } from '../../base/time.ts'
import type { ReplicaFacts } from '../../domain/facts.ts'
import type { Finding } from '../../domain/statement.ts'
import { sameSubject } from '../../domain/subject.ts'
import type { Digest } from '../digest.ts'
import type { Fresh } from '../standing.ts'
import { isLostThing } from './lost.ts'
import { isUntoldOfAll } from './untold.ts'
import type { FindingRule } from './rule.ts'

const lateSeconds = 1800

/** Replicas that did not take the configuration over for half an hour; "false right after a change is normal". */
export const lateReplicas: FindingRule = {
  codes: ['replication-late'],
  find,
  isDark,
}

function find(digest: Digest): Fresh<Finding>[] {
  const { name } = digest.desired.deployment
  const fact = digest.observed.facts.replication.get(name)
  if (!fact?.known) return []
  const limit = addSeconds(digest.now, -lateSeconds)
  const replicas = fact.value.replicas.filter(({ fqdn, upToDate }) => upToDate !== null && !isLostThing(fqdn, digest))
  const late = replicas.filter((replica) => isLate(replica, fact.since, limit))
  if (late.length > 1 && late.length === replicas.length) return [finding(name, `none of ${late.length} replicas`)]
  return late.map(({ fqdn, lastUpdateCreation: at }) =>
    finding(fqdn, at === null ? 'not up to date' : `the update of ${at} not taken over`),
  )
}

/** Nobody answers for the replicas, or this one's row tells nothing. */
function isDark({ subject }: Finding, digest: Digest): boolean {
  const fact = digest.observed.facts.replication.get(digest.desired.deployment.name)
  const own = fact?.known ? fact.value.replicas.find(({ fqdn }) => sameSubject(fqdn, subject)) : undefined
  return !isLostThing(subject, digest) && (isUntoldOfAll('replication', digest) || own?.upToDate === null)
}

/** The update that it lacks is old, or it was seen so for long. */
function isLate({ upToDate, lastUpdateCreation }: ReplicaFacts, since: Time, limit: Time): boolean {
  return upToDate === false && (since < limit || (lastUpdateCreation !== null && lastUpdateCreation < limit))
}

function finding(subject: string, observed: string): Fresh<Finding> {
  return {
    code: 'replication-late',
    severity: 'warning',
    subject,
    desired: 'up to date within 30 minutes of a change',
    observed,
    message:
      'The replica of the configuration is behind: the server works by old settings, and is no source for rescuing the newest ones.',
  }
}
