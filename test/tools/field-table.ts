import type { JsonSchema } from './json-schema.ts'

/** All fields of a schema as a Markdown table, nested ones by their path. */
export function fieldTable(schema: JsonSchema, prefix = ''): string {
  const head = '| Field | Value | Default | Meaning |\n|---|---|---|---|\n'
  return head + rows(schema, prefix).join('')
}

function rows(schema: JsonSchema, prefix: string): string[] {
  const required = new Set(schema.required ?? [])
  const named = Object.entries(schema.properties ?? {}).flatMap(([name, field]) =>
    row(prefix + name, field, required.has(name)),
  )
  const values = schema.additionalProperties
  return typeof values === 'object' ? [...named, ...row(`${prefix}<name>`, values, false)] : named
}

function row(path: string, field: JsonSchema, required: boolean): string[] {
  const usual = field.default === undefined || isMap(field) ? '' : code(field.default)
  const cells = [code2(path), typeOf(field), required ? 'required' : usual, field.description ?? '']
  const line = `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |\n`
  const told = field.description !== undefined || !path.endsWith('<name>')
  return [...(told ? [line] : []), ...inner(path, field)]
}

function inner(path: string, field: JsonSchema): string[] {
  const items = field.items ?? {}
  if (isMap(items)) return rows(items, `${path}[].`)
  const maps = [field, ...(field.anyOf ?? [])].filter((map) => isMap(map) && !isReference(map))
  return maps.flatMap((map) => rows(map, `${path}.`))
}

function isMap(field: JsonSchema): boolean {
  return field.properties !== undefined || typeof field.additionalProperties === 'object'
}

function typeOf(field: JsonSchema): string {
  if (field.const !== undefined) return code(field.const)
  if (field.enum) return field.enum.map(code).join(', ')
  if (field.anyOf) return field.anyOf.map(typeOf).join(' or ')
  if (field.type === 'array') return `list of ${typeOf(field.items ?? {})}`
  if (field.properties) return isReference(field) ? `\`{ ${Object.keys(field.properties).join()}: … }\`` : 'map'
  const words: Record<string, string> = {
    string: 'text',
    integer: 'number',
    boolean: '`true` or `false`',
    object: 'map',
  }
  return words[field.type ?? ''] ?? field.type ?? 'any'
}

function isReference(field: JsonSchema): boolean {
  const names = Object.keys(field.properties ?? {})
  return names.length === 1 && (names[0] === 'env' || names[0] === 'file')
}

function code(value: unknown): string {
  return code2(typeof value === 'string' ? value || "''" : JSON.stringify(value))
}

function code2(text: string): string {
  return `\`${text}\``
}
