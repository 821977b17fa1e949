/** Checks plain values from YAML against a zod schema and says what is wrong where, in words for the person who wrote it. */
import type { z } from 'zod'
import type { Located, YamlDocument } from './yaml.ts'
import { nearest } from './nearest.ts'
import { describe, fieldsAt } from './schema-walk.ts'

export interface ShapeFault extends Located {
  code: 'unknown-field' | 'missing-field' | 'invalid-value'
  message: string
  hint: string
}

type Path = readonly PropertyKey[]
type Issue = z.core.$ZodIssue

/**
 * The value at `prefix` of the document, read by the schema; or everything that is wrong with it. With `quote` false
 * no value is repeated in a message, because it may be a secret.
 */
export function checkShape<S extends z.ZodType>(
  schema: S,
  document: Pick<YamlDocument, 'value' | 'at' | 'keyAt'>,
  prefix: Path,
  quote: boolean,
): { ok: true; value: z.output<S> } | { ok: false; faults: ShapeFault[] } {
  const value = valueAt(document.value, prefix)
  const result = schema.safeParse(value, { error: ownWords })
  if (result.success) return { ok: true, value: result.data }
  const faults = result.error.issues
    .flatMap((issue) => narrow(issue, value))
    .flatMap((issue) => faultsOf(issue, schema, value, quote))
    .map(({ path, key, ...fault }) => ({
      ...fault,
      message: `${pathText([...prefix, ...path])}: ${fault.message}`,
      ...(key ? document.keyAt([...prefix, ...path]) : document.at([...prefix, ...path])),
    }))
    .sort((a, b) => a.line - b.line || a.column - b.column)
  return { ok: false, faults }
}

/** `spec.servers[0]` */
function pathText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    return text === '' ? String(part) : `${text}.${String(part)}`
  }, '')
}

interface Finding {
  code: ShapeFault['code']
  path: Path
  key: boolean
  message: string
  hint: string
}

function faultsOf(issue: Issue, schema: z.ZodType, value: unknown, quote: boolean): Finding[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownField(key, issue.path, schema))
  if (issue.code === 'invalid_key') return [wrongKey(issue)]
  const given = valueAt(value, issue.path)
  const hint = describe(schema, issue.path) ?? 'The reference of this file lists what is allowed here.'
  const key = false
  if (given === undefined)
    return [{ code: 'missing-field', path: issue.path, key, message: 'is missing', hint: `Add it. ${hint}` }]
  const shown = quote && isScalar(given) ? `${JSON.stringify(given).slice(0, 80)} ` : ''
  return [{ code: 'invalid-value', path: issue.path, key, message: shown + inWords(issue, given, quote), hint }]
}

function wrongKey(issue: z.core.$ZodIssueInvalidKey): Finding {
  const message = `its name ${issue.issues[0]?.message ?? 'is not allowed here'}`
  return { code: 'invalid-value', path: issue.path, key: true, message, hint: 'Correct the name before the colon.' }
}

function unknownField(key: string, path: Path, schema: z.ZodType): Finding {
  const known = fieldsAt(schema, path)
  const meant = nearest(key, known)
  const hint = meant === null ? `Known fields: ${known.join(', ')}.` : `Did you mean ${meant}?`
  return { code: 'unknown-field', path: [...path, key], key: true, message: 'is not a known field', hint }
}

/** Of a union, the issues of the one branch that was meant, where the kind of value shows which. */
function narrow(issue: Issue, value: unknown): Issue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const meant = issue.errors.filter((issues) =>
    issues.every((inner) => inner.path.length > 0 || !['invalid_type', 'invalid_value'].includes(inner.code)),
  )
  const [branch, ...others] = meant
  if (branch === undefined || others.length > 0) return [issue]
  return branch
    .map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }))
    .flatMap((inner) => narrow(inner, value))
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
}

/** Where the schema gives no words of its own. */
const ownWords: z.core.$ZodErrorMap = ({ code }) =>
  code === 'invalid_union' ? 'is none of the accepted forms' : undefined

function inWords(issue: Issue, given: unknown, quote: boolean): string {
  switch (issue.code) {
    case 'invalid_type': {
      const note = typeof given === 'number' && issue.expected === 'string' ? '; put it in quotes' : ''
      return `must be ${kinds[issue.expected] ?? issue.expected}, not ${kindOf(given)}${note}`
    }
    case 'invalid_value': {
      const values = issue.values.map(String)
      const meant = quote && typeof given === 'string' ? nearest(given, values) : null
      return `must be ${values.length > 1 ? 'one of ' : ''}${values.join(', ')}${meant === null ? '' : `; did you mean ${meant}?`}`
    }
    default:
      return issue.message
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'empty'
  if (Array.isArray(value)) return 'a list'
  return kinds[typeof value] ?? typeof value
}

function isScalar(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value)
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, part) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[part] : undefined,
    value,
  )
}
