/** Looks into zod schemas: which fields a place knows, and what its description says. */
import { z } from 'zod'

type Schema = z.core.$ZodType
type Path = readonly PropertyKey[]

/** The description of the field at `path`; null when it has none. */
export function describe(schema: Schema, path: Path): string | null {
  for (const found of schemasAt(schema, path)) {
    const text = descriptionOf(found)
    if (text !== null) return text
  }
  return null
}

/** The names of all fields that the map at `path` may have. */
export function fieldsAt(schema: Schema, path: Path): string[] {
  const fields = schemasAt(schema, path)
    .flatMap(openings)
    .flatMap((found) => (isObject(found) ? Object.keys(found._zod.def.shape) : []))
  return [...new Set(fields)]
}

function schemasAt(schema: Schema, path: Path): Schema[] {
  let found: Schema[] = [schema]
  for (const part of path) found = found.flatMap(openings).flatMap((inner) => step(inner, part))
  return found
}

/** The schema without what is wrapped around it; of a union, all branches. */
function openings(schema: Schema): Schema[] {
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'readonly':
      return openings(def.innerType)
    case 'pipe':
      return openings(def.in)
    case 'union':
      return def.options.flatMap(openings)
    default:
      return [schema]
  }
}

function step(schema: Schema, part: PropertyKey): Schema[] {
  const { def } = (schema as z.core.$ZodTypes)._zod
  if (def.type === 'array') return [def.element]
  if (def.type === 'record') return [def.valueType]
  if (def.type !== 'object') return []
  const child = def.shape[String(part)]
  return child === undefined ? [] : [child]
}

function isObject(schema: Schema): schema is z.core.$ZodObject {
  return (schema as z.core.$ZodTypes)._zod.def.type === 'object'
}

function descriptionOf(schema: Schema): string | null {
  const own = z.globalRegistry.get(schema)?.description
  if (own !== undefined) return own
  const { def } = (schema as z.core.$ZodTypes)._zod
  if ('innerType' in def) return descriptionOf(def.innerType)
  return def.type === 'pipe' ? descriptionOf(def.in) : null
}
