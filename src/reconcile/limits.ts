import PQueue from 'p-queue'
import type { Config } from '../config/config.ts'
import { foldSubject } from '../domain/subject.ts'
import type { Tools } from '../act/handler.ts'

/** A queue for each scarce thing, made when it is first named, and one for all. Waiting for the first takes no place in the second. */
export function createLimits(limits: Config['limits']): Tools['limit'] {
  const queues = new Map<string, PQueue>()
  const overall = new PQueue({ concurrency: limits.overall })
  return async (resource, signal, task) => {
    if (resource === null) return overall.add(task, { signal })
    const key = resource.kind === 'shellHost' ? resource.kind : `${resource.kind} ${foldSubject(resource.subject)}`
    const queue = queues.get(key) ?? new PQueue({ concurrency: limits[resource.kind] })
    queues.set(key, queue)
    return queue.add(() => overall.add(task, { signal }), { signal })
  }
}
