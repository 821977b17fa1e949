import fc from 'fast-check'
import { expect, test } from 'vitest'
import { load, type Fault } from '../../src/desired/load.ts'
import { smallDeployment } from '../support/desired-files.ts'

function errorsOf(text: string): Fault[] {
  const loaded = load('r', [
    { path: 'a.yaml', text: smallDeployment },
    { path: 'b.yaml', text },
  ])
  return loaded.ok ? [] : loaded.errors
}

const head = 'apiVersion: holdfast/v1\nkind: '
const recovery = (spec: string): string =>
  `${head}Recovery\nmetadata: { name: r }\nspec: { server: se01.contoso.com, scenario: standard-edition, ${spec} }\n`
const store = (spec: string): string => `${head}SqlStore\nmetadata: { name: s }\nspec: { ${spec} }\n`

test.each<[string, string, Partial<Fault>]>([
  [
    'a word without end',
    recovery("acknowledge: [{ step: s, by: J, at: '2026-01-01T00:00:00Z', note: " + 'n'.repeat(2001) + ' }]'),
    {
      code: 'invalid-value',
      message: expect.stringContaining('is longer than 2000 characters') as string,
    },
  ],
  [
    'who says so, with what a terminal obeys',
    recovery(`finished: { by: "J\\e[2J", at: '2026-01-01T00:00:00Z' }`),
    {
      code: 'invalid-value',
      message: expect.stringContaining('holds a control character') as string,
    },
  ],
  [
    'a thousand words, and one more',
    recovery(`choose: [${`{ step: s, branch: b, by: J, at: '2026-01-01T00:00:00Z' },`.repeat(1001)}]`),
    {
      code: 'invalid-value',
      message: expect.stringContaining('has more than 1000 entries') as string,
    },
  ],
  ['a list', '- a\n', { code: 'invalid-value', line: 1, column: 1 }],
  ['a plain text', 'hello\n', { code: 'invalid-value' }],
  ['no apiVersion', 'kind: Pool\n', { code: 'api-version', message: 'apiVersion is missing.' }],
  ['a later apiVersion', 'apiVersion: holdfast/v2\nkind: Pool\n', { code: 'api-version', line: 1, column: 13 }],
  ['no kind', 'apiVersion: holdfast/v1\n', { code: 'unknown-kind' }],
  [
    'a misspelt kind',
    `${head}SqlStores\n`,
    { code: 'unknown-kind', line: 2, column: 7, hint: 'Did you mean SqlStore?' },
  ],
  [
    'an unknown field',
    `${head}SqlStore\nmetadata: { name: s }\nspec:\n  host: s.contoso.com\n  instnce: rtc\n`,
    { code: 'unknown-field', line: 6, column: 3, hint: 'Did you mean instance?' },
  ],
  [
    'an unknown field far from any',
    `${head}SqlStore\nmetadata: { name: s, labels: {} }\nspec: { host: s.contoso.com }\n`,
    { code: 'unknown-field', line: 3, column: 22, hint: 'Known fields: name.' },
  ],
  ['a missing field', store('instance: rtc'), { code: 'missing-field', message: 'spec.host: is missing', line: 4 }],
  ['no spec', `${head}SqlStore\nmetadata: { name: s }\n`, { code: 'missing-field', message: 'spec: is missing' }],
  [
    'a short host name',
    store('host: sql01'),
    {
      code: 'invalid-value',
      line: 4,
      column: 15,
      message: expect.stringContaining('"sql01" is not a fully qualified domain name') as string,
    },
  ],
  ['an address as host', store('host: 10.0.0.1'), { code: 'invalid-value' }],
  ['a number for a text', store('host: 7'), { message: 'spec.host: 7 must be a text, not a number; put it in quotes' }],
  [
    'a port out of range',
    store('host: s.contoso.com, port: 70000'),
    { code: 'invalid-value', message: expect.stringContaining('is not a port') as string },
  ],
  [
    'a SQL Server that never was',
    store('host: s.contoso.com, version: 2013'),
    { code: 'invalid-value', message: expect.stringContaining('2008 R2, 2012, 2014') as string },
  ],
  [
    'two kinds of high availability',
    store(
      'host: s.contoso.com, highAvailability: { mirror: { partner: t.contoso.com }, failover-cluster: { nodes: [u.contoso.com] } }',
    ),
    { code: 'invalid-value', message: expect.stringContaining('exactly one of mirror') as string },
  ],
  [
    'high availability of no kind',
    store('host: s.contoso.com, highAvailability: {}'),
    { message: expect.stringContaining('exactly one of mirror') as string },
  ],
  [
    'a field of a mirror that is not known',
    store('host: s.contoso.com, highAvailability: { mirror: { partner: t.contoso.com, witnes: u.contoso.com } }'),
    { code: 'unknown-field', hint: 'Did you mean witness?' },
  ],
  [
    'an unknown word for high availability',
    store('host: s.contoso.com, highAvailability: mirrored'),
    { code: 'invalid-value' },
  ],
  [
    'a forward-slash share',
    `${head}FileStore\nmetadata: { name: f }\nspec: { path: //fs01.contoso.com/x }\n`,
    { code: 'invalid-value', message: expect.stringContaining('is not a UNC path') as string },
  ],
  [
    'a share with a backslash at its end',
    `${head}FileStore\nmetadata: { name: f }\nspec:\n  path: '\\\\fs01.contoso.com\\x\\'\n`,
    { code: 'invalid-value' },
  ],
  [
    'a share with a way out',
    `${head}FileStore\nmetadata: { name: f }\nspec:\n  path: '\\\\fs01.contoso.com\\x\\..'\n`,
    { code: 'invalid-value' },
  ],
  [
    'a policy with the name of a folder that Holdfast keeps',
    `${head}BackupPolicy\nmetadata: { name: Current }\nspec: { location: backup01, schedule: { cron: 0 1 * * * } }\n`,
    { code: 'invalid-value', line: 3 },
  ],
  [
    'a policy with a dot in its name',
    `${head}BackupPolicy\nmetadata: { name: a.b }\nspec: { location: backup01, schedule: { cron: 0 1 * * * } }\n`,
    { code: 'invalid-value' },
  ],
  [
    'a duration without unit',
    `${head}BackupPolicy\nmetadata: { name: a }\nspec: { location: backup01, schedule: { cron: 0 1 * * *, window: 90 } }\n`,
    { code: 'invalid-value', message: 'spec.schedule.window: 90 must be a text, not a number; put it in quotes' },
  ],
  [
    'an include of nothing',
    `${head}BackupPolicy\nmetadata: { name: a }\nspec: { location: backup01, include: {}, schedule: { cron: 0 1 * * * } }\n`,
    { code: 'invalid-value', message: expect.stringContaining('includes nothing') as string },
  ],
  [
    'an unknown kind of item',
    `${head}BackupPolicy\nmetadata: { name: a }\nspec: { location: backup01, include: { kinds: [file-stores] }, schedule: { cron: 0 1 * * * } }\n`,
    { code: 'invalid-value', message: expect.stringContaining('did you mean file-store?') as string },
  ],
  [
    'a freeze of what nobody does',
    `${head}Suspension\nmetadata: { name: a }\nspec: { subjects: [x], actions: [recovery-steps], reason: y, until: 2026-12-01T00:00:00Z }\n`,
    {
      code: 'invalid-value',
      message:
        'spec.actions[0]: "recovery-steps" must be one of create-backup-set, verify-backup-set, point-backup, take-over-location, recovery-step, restore-user, expire-backup-set; did you mean recovery-step?',
    },
  ],
  [
    'a Suspension without zone',
    `${head}Suspension\nmetadata: { name: a }\nspec: { subjects: [x], reason: y, until: 2026-12-01T00:00:00 }\n`,
    { code: 'invalid-value', message: expect.stringContaining('is not a time with a zone') as string },
  ],
  ['a duplicate key', 'a: 1\na: 2\n', { code: 'yaml-syntax', line: 2 }],
  ['UTF-16', 'a\0:\0 \0x\0', { code: 'file-not-utf8', line: 1 }],
])('%s', (_name, text, expected) => {
  const errors = errorsOf(text)
  expect(errors).toHaveLength(1)
  expect(errors[0]).toMatchObject({ file: 'b.yaml', ...expected })
  expect(errors[0]?.hint).not.toBe('')
})

test('all faults of all files are told at once, in the order of the text', () => {
  const loaded = load('r', [
    { path: 'b.yaml', text: `${store('host: x, instance: a.b')}---\n${head}Pol\n` },
    { path: 'a.yaml', text: `${smallDeployment}---\nx: [\n` },
  ])
  expect(loaded.ok ? [] : loaded.errors.map(({ file, line, code }) => [file, line, code])).toEqual([
    ['a.yaml', 43, 'yaml-syntax'],
    ['b.yaml', 4, 'invalid-value'],
    ['b.yaml', 4, 'invalid-value'],
    ['b.yaml', 7, 'unknown-kind'],
  ])
})

test('an alias bomb is refused in no time', () => {
  const rows = ['apiVersion: holdfast/v1', 'kind: Pool', 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
  for (let i = 1; i < 9; i++)
    rows.push(
      `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    )
  expect(errorsOf(rows.join('\n'))).toMatchObject([{ code: 'yaml-syntax' }])
})

test('files from Windows editors are read: byte order mark and CRLF', () => {
  const text = `\uFEFF${smallDeployment.replaceAll('\n', '\r\n')}`
  expect(load('r', [{ path: 'a.yaml', text }])).toMatchObject({ ok: true, warnings: [] })
  const [error] = errorsOf(`\uFEFF${store('instance: rtc').replaceAll('\n', '\r\n')}`)
  expect(error).toMatchObject({ code: 'missing-field', line: 4 })
})

test('empty documents, comments and other files are nothing', () => {
  const loaded = load('r', [
    { path: 'a.yml', text: `---\n# only a comment\n---\n${smallDeployment}---\n` },
    { path: 'empty.yaml', text: '' },
    { path: 'README.md', text: ': : :' },
    { path: '.github/workflow.yaml', text: 'on: push' },
  ])
  expect(loaded).toMatchObject({ ok: true, warnings: [] })
})

test('Hold is checked and answered with a warning, and a freeze of what nobody does yet; the others are in force', () => {
  const text = [
    `${head}Recovery\nmetadata: { name: r }\nspec: { server: se01.contoso.com, scenario: standard-edition }`,
    `${head}Hold\nmetadata: { name: h }\nspec: { sets: [nightly/20260729T020000Z-k3x7], reason: audit, until: 2027-01-01T00:00:00+01:00 }`,
    `${head}Suspension\nmetadata: { name: s }\nspec: { subjects: [backup01], actions: [create-backup-set], reason: move, until: 2026-12-01T00:00:00Z }`,
    `${head}Suspension\nmetadata: { name: e }\nspec:\n  subjects: [backup01]\n  actions: [recovery-step, expire-backup-set]\n  reason: move\n  until: 2026-12-01T00:00:00Z`,
    `${head}Suspension\nmetadata: { name: i }\nspec: { subjects: [contoso], findings: ['*', unmanaged], reason: move, until: 2026-12-01T00:00:00Z }`,
  ].join('\n---\n')
  const loaded = load('r', [
    { path: 'a.yaml', text: smallDeployment },
    { path: 'b.yaml', text },
  ])
  expect(loaded.warnings.map(({ code, line }) => [code, line])).toEqual([
    ['not-yet-acted-on', 7],
    ['not-yet-acted-on', 21],
  ])
  expect(loaded.warnings.at(-1)?.message).toMatch(/^expire-backup-set of Suspension e /)
  expect(loaded.ok && loaded.desired.holds).toMatchObject([{ name: 'h', until: '2026-12-31T23:00:00.000Z' }])
})

test('a Recovery that is finished is in force, also of a database', () => {
  const text = `${head}Recovery
metadata: { name: r }
spec:
  server: se01.contoso.com\\rtc/rtcxds
  scenario: standard-edition
  finished: { by: Jane, at: 2026-07-29T18:30:00+02:00 }`
  const loaded = load('r', [
    { path: 'a.yaml', text: smallDeployment },
    { path: 'b.yaml', text },
  ])
  expect(loaded.warnings).toEqual([])
  expect(loaded.ok && loaded.desired.recoveries).toMatchObject([
    { name: 'r', finished: { by: 'Jane', at: '2026-07-29T16:30:00.000Z', note: null } },
  ])
})

test('whatever stands in a file, load answers and never throws', () => {
  const line = fc.constantFrom(
    'apiVersion: holdfast/v1',
    'kind: Pool',
    'kind: SqlStore',
    'kind: Deployment',
    'metadata: { name: a }',
    'spec:',
    '  servers: [a',
    '---',
    '- x',
    '  ? y',
    '&a [*a]',
    '*a',
    '  highAvailability: { mirror: [] }',
    '"',
    '  keptElsewhere: [1]',
    '!!x y',
    '%TAG',
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(line, fc.string()), { maxLength: 12 }), (lines) => {
      const loaded = load('r', [{ path: 'a.yaml', text: lines.join('\n') }])
      for (const fault of loaded.ok ? [] : loaded.errors) {
        expect(fault.line).toBeGreaterThan(0)
        expect(fault.column).toBeGreaterThan(0)
      }
    }),
    { numRuns: 300 },
  )
})

test('the order and division of files makes no difference to what is wished', () => {
  const documents = smallDeployment.split('---\n')
  const names = (texts: readonly string[]): unknown => {
    const loaded = load(
      'r',
      texts.map((text, index) => ({ path: `${index}.yaml`, text })),
    )
    if (!loaded.ok) return loaded.errors
    return { ...loaded.desired, revision: loaded.warnings }
  }
  const expected = names(documents)
  fc.assert(
    fc.property(fc.shuffledSubarray(documents, { minLength: documents.length }), (shuffled) => {
      expect(names([shuffled.join('---\n')])).toEqual(expected)
    }),
    { numRuns: 20 },
  )
})
