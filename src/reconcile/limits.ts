import PQueue from 'p-queue'
import type { Config } from '../config/config.ts'
import { shareOf } from '../domain/hosts.ts'
import { foldSubject } from '../domain/subject.ts'
import type { Resource, Tools } from '../act/handler.ts'

/** A queue for each scarce thing, made when it is first named, and one for all. Waiting for the first takes no place in the second. */
export function createLimits(limits: Config['limits']): Tools['limit'] {
  const queues = new Map<string, PQueue>()
  const overall = new PQueue({ concurrency: limits.overall })
  return async (resource, signal, task) => {
    if (resource === null) return overall.add(task, { signal })
    const key = keyOf(resource)
    const queue = queues.get(key) ?? new PQueue({ concurrency: limits[resource.kind] })
    queues.set(key, queue)
    return queue.add(() => overall.add(task, { signal }), { signal })
  }
}

/** A share is one, whichever folder of it is meant. */
function keyOf(resource: Resource): string {
  if (resource.kind === 'shellHost') return resource.kind
  const { kind, subject } = resource
  return `${kind} ${foldSubject(kind === 'share' ? shareOf(subject) : subject)}`
}
