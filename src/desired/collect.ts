import type { Kind, Mention, Resource, Resources } from './resources.ts'

/** Puts the parts of all files together, to be found by kind and name. */
export function collect(parts: readonly Mention[]): Resources {
  const byKind = Map.groupBy(parts, (part) => part.kind)
  const byName = new Map(parts.map((part) => [key(part.kind, part.name), part]))
  return {
    mentioned: () => parts,
    all: <K extends Kind>(kind: K) =>
      (byKind.get(kind) ?? []).flatMap((part) => (part.resource === null ? [] : [part.resource as Resource<K>])),
    find: <K extends Kind>(kind: K, name: string) =>
      (byName.get(key(kind, name))?.resource ?? null) as Resource<K> | null,
    mentions: (kind, name) => byName.has(key(kind, name)),
  }
}

function key(kind: Kind, name: string): string {
  return `${kind} ${name.toLowerCase()}`
}
