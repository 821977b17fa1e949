import { Ajv, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { root } from '../tools/generated.ts'

const sample = join(root, 'desired-state')
const files = readdirSync(sample, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.yaml'))

function schemaAt(path: string): ValidateFunction {
  const ajv = new Ajv({ strict: false })
  addFormats.default(ajv)
  return ajv.compile(JSON.parse(readFileSync(path, 'utf8')) as object)
}

function schemaNamedIn(file: string): string {
  const named = /^# yaml-language-server: \$schema=(\S+)\n/.exec(readFileSync(file, 'utf8'))?.[1] ?? 'none'
  return join(dirname(file), named)
}

test.each(files)('%s names its schema by a relative path, and the schema accepts it', (path) => {
  const file = join(sample, path)
  expect(existsSync(schemaNamedIn(file))).toBe(true)
  const validate = schemaAt(schemaNamedIn(file))

  for (const document of parseAllDocuments(readFileSync(file, 'utf8'))) {
    const valid = validate(document.toJS())
    expect(validate.errors).toBeNull()
    expect(valid).toBe(true)
  }
})

test.each([
  ['an unknown field', { host: 'sql01.contoso.com', instnce: 'rtc' }],
  ['a short name', { host: 'sql01' }],
  [
    'two kinds of high availability',
    {
      host: 'sql01.contoso.com',
      highAvailability: { mirror: { partner: 'a.b' }, 'failover-cluster': { nodes: ['a.b'] } },
    },
  ],
  ['a missing host', {}],
])('the schema refuses %s', (_name, spec) => {
  const validate = schemaAt(join(root, 'docs', 'schemas', 'sql-store.json'))
  const store = { apiVersion: 'holdfast/v1', kind: 'SqlStore', metadata: { name: 'a' } }

  expect(validate({ ...store, spec: { host: 'sql01.contoso.com', version: 2016 } })).toBe(true)
  expect(validate({ ...store, spec })).toBe(false)
})

test('the example in the reference of holdfast.yaml fits its schema', () => {
  const page = readFileSync(join(root, 'docs', 'reference', 'holdfast-yaml.md'), 'utf8')
  const example = /```yaml\n([^]+?)```/.exec(page)?.[1] ?? ''
  const validate = schemaAt(join(root, 'docs', 'schemas', 'holdfast-yaml.json'))

  expect(validate(parse(example))).toBe(true)
  expect(validate({ ...(parse(example) as object), sql: { user: 'a', password: 'in clear' } })).toBe(false)
})
