import type { Request } from '../../domain/action.ts'
import { foldSubject } from '../../domain/subject.ts'
import { compareText } from '../../base/text.ts'

/** The oldest of requests that ask for the same, and the ids of the others, which its action answers too. */
export interface Shared {
  request: Request
  alsoFor: readonly string[]
}

/** Who asks for the same while nothing has begun gets the same; oldest first. */
export function equalRequests(requests: readonly Request[]): Shared[] {
  const groups = new Map<string, Request[]>()
  const oldestFirst = [...requests].sort((a, b) => compareText(a.at, b.at) || compareText(a.id, b.id))
  for (const request of oldestFirst) {
    const key = keyOf(request)
    const group = groups.get(key)
    if (group) group.push(request)
    else groups.set(key, [request])
  }
  return [...groups.values()].flatMap(([request, ...others]) =>
    request ? [{ request, alsoFor: others.map(({ id }) => id) }] : [],
  )
}

/** A request for all sets is many actions, over many passes: it stays by itself. */
function keyOf({ id, wish }: Request): string {
  if ('backup' in wish) return `backup ${foldSubject(wish.backup)}`
  if ('takeOver' in wish) return `take over ${foldSubject(wish.takeOver)}`
  if ('restore' in wish) return `restore ${foldSubject(wish.restore)}`
  return wish.verify === null ? id : `verify ${wish.level} ${foldSubject(wish.verify)}`
}

/** What its action says of where it comes from. */
export function askedFor({ request: { id, actor }, alsoFor }: Shared) {
  const others = alsoFor.length === 0 ? '' : `, and ${alsoFor.length} more with it`
  return {
    cause: 'manual' as const,
    reason: `${actor} asked for it${others}.`,
    request: { id, actor },
    ...(alsoFor.length === 0 ? {} : { alsoFor }),
  }
}
