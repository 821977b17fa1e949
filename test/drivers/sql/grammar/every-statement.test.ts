/**
 * Every T-SQL text of Holdfast, judged by the vendor's parser in each grammar from SQL Server 2008 R2 to the newest, and its
 * names by what that version documents. No statement is forgotten: a client takes a `Statement`, so one of the constants or
 * a restore of some files; test/e2e/statements holds what servers really got against the same; and a file that writes
 * T-SQL without standing here fails.
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { beforeAll, expect, test } from 'vitest'
import { Problem } from '../../../../src/base/problem.ts'
import { refuseMissingRights, refuseNoRestore } from '../../../../src/doctor/checks/sql-rights.ts'
import { rightsFor } from '../../../../src/domain/sql-rights.ts'
import { restoreDatabase } from '../../../../src/domain/restore-commands.ts'
import { withMarkers } from '../../../../src/drivers/sql/odbc/connections.ts'
import { sqlOf, statements, type Statement } from '../../../../src/drivers/sql/statements.ts'
import { hasAvailabilityGroups } from '../../../../src/drivers/sql/versions.ts'
import { installed, lackingEngine, parser } from '../../../support/engines.ts'
import { root } from '../../../tools/generated.ts'
import { answeredWithNull, pages, versions, type Version } from './known-names.ts'
import { parseAll, type Batch, type Parsed } from './parser.ts'

/** Statements that only newer versions get; what keeps them from older ones is tested below. */
const from: Readonly<Partial<Record<string, Version>>> = { replicaRoles: '2012' }

/** Files that write T-SQL for SQL Server: two send it, three show it to people. */
const writers = [
  'src/domain/restore-commands.ts',
  'src/domain/sql-rights.ts',
  'src/drivers/sql/odbc/connections.ts',
  'src/drivers/sql/statements.ts',
]

const grammarOf: Readonly<Record<Version, number>> = {
  ...{ '2008 R2': 100, '2012': 110, '2014': 120, '2016': 130, '2017': 140, '2019': 150, '2022': 160 },
}

/** What is wrong with a batch that is sent to this version and all newer ones. */
function faultsOf({ errors, names }: Parsed, oldest: Version): string[] {
  const wrong = Object.entries(errors)
    .filter(([grammar]) => Number(grammar) >= grammarOf[oldest])
    .flatMap(([grammar, words]) => words.map((one) => `grammar ${grammar}: ${one}`))
  const known = new Set(
    pages.filter(({ since }) => versions.indexOf(since) <= versions.indexOf(oldest)).flatMap((page) => page.names),
  )
  const unknown = names.filter((name) => !known.has(name) && !answeredWithNull.has(name))
  return [...wrong, ...unknown.map((name) => `SQL Server ${oldest} does not know: ${name}`)]
}

/** What a mistake in a statement looks like: name, text, a part of the fault. */
const mistakes: readonly (readonly [string, string, string])[] = [
  ['a function of 2017', `SELECT STRING_AGG(d.name, N'') FROM sys.databases AS d`, 'know: function STRING_AGG'],
  ['a function of 2012', 'SELECT EOMONTH(GETDATE())', 'know: function EOMONTH'],
  ['a function of 2016 that gives a table', 'SELECT 1 FROM OPENJSON(@database)', 'know: object openjson'],
  ['a statement of 2016', 'DROP DATABASE IF EXISTS x', 'grammar 100: line 1'],
  ['an option of 2014', 'BACKUP DATABASE @d TO DISK = @p WITH ENCRYPTION (ALGORITHM = AES_256)', 'grammar 110: line 1'],
  ['a clause of 2012', 'SELECT d.name FROM sys.databases AS d ORDER BY d.name OFFSET 1 ROWS', 'grammar 100: line 1'],
  ['a column of 2016', 'SELECT d.is_query_store_on FROM sys.databases AS d', 'know: column sys.databases.is_query'],
  [
    'a column of a table that is not named',
    'SELECT x.name FROM sys.databases AS d',
    'know: column of an unknown table',
  ],
  ['all columns', 'SELECT * FROM sys.databases', 'know: column *'],
  ['a view of 2012', statements.replicaRoles, 'know: object sys.dm_hadr_database_replica_states'],
  ['a typing error, which is a procedure to the parser', 'BACKUPP @database', 'know: procedure backupp'],
  [
    'an error in what is executed',
    `DECLARE @a nvarchar(9) = N'DROP x y'; EXEC sp_executesql @a`,
    'in what it executes',
  ],
  ['a bare value in what is executed', `DECLARE @a nvarchar(9) = N'DROP ' + @b; EXEC (@a)`, 'cannot be followed'],
]

/** Numbers of files. */
const counts = [1, 2, 30]

const program = installed(parser)
if (program === null) test.skip(`T-SQL: ${lackingEngine(parser)}`, () => {})
else suite(program)

function suite(tsql: string): void {
  const names = [
    ...(Object.keys(statements) as Statement[]),
    ...counts.map((restoreFiles) => ({ restoreFiles })),
    ...counts.map((restoreOver) => ({ restoreOver })),
  ]
  const sent = names.flatMap((statement): Batch[] => {
    const name = nameOf(statement)
    return [
      { name, text: sqlOf(statement) },
      { name: `${name} by ODBC`, text: byOdbc(sqlOf(statement)) },
    ]
  })
  const parsed = new Map<string, Parsed>()

  beforeAll(() => {
    const wrong = mistakes.map(([name, text]) => ({ name, text }))
    for (const answer of parseAll(tsql, [...sent, ...shown(), ...wrong])) parsed.set(answer.name, answer)
  })
  const answerTo = (name: string): Parsed => parsed.get(name)!

  test.each(sent)('$name', ({ name }) => {
    const answer = answerTo(name)
    expect(Object.keys(answer.errors).map(Number)).toEqual(expect.arrayContaining(Object.values(grammarOf)))
    expect(faultsOf(answer, from[name.replace(' by ODBC', '')] ?? '2008 R2')).toEqual([])
  })

  test.each(shown())('$name, shown to people', ({ name }) => {
    expect(faultsOf(answerTo(name), '2008 R2')).toEqual([])
  })

  test.each(mistakes)('%s is found', (name, _, fault) => {
    expect(faultsOf(answerTo(name), '2008 R2')).toContainEqual(expect.stringContaining(fault))
  })

  test('the list names nothing that is not used', ({ task }) => {
    task.meta.engine = `${parser.name} ${parser.version}`
    const used = new Set([...sent, ...shown()].flatMap(({ name }) => answerTo(name).names))
    const listed = pages.flatMap((page) => page.names)
    expect([...listed, ...answeredWithNull].filter((name) => !used.has(name))).toEqual([])
  })
}

test('what is newer is kept from older versions', () => {
  expect(Object.keys(from)).toEqual(['replicaRoles'])
  expect([null, 0, 1].map((hadr) => hasAvailabilityGroups('10.50.6000.34', hadr))).toEqual([false, false, false])
})

test('T-SQL is written nowhere else', () => {
  const files = globSync('src/**/*.ts', { cwd: root }).filter((file) => !/^src[\\/](?:lab|store)[\\/]/.test(file))
  expect(files.length).toBeGreaterThan(100)
  expect(
    files
      .filter((file) => writesTsql(join(root, file)))
      .map((file) => file.replaceAll('\\', '/'))
      .sort(),
  ).toEqual(writers)
})

function nameOf(statement: Statement): string {
  if (typeof statement === 'string') return statement
  return 'restoreFiles' in statement
    ? `restore of ${statement.restoreFiles} files`
    : `restore over ${statement.restoreOver} files`
}

/** As the engine gets it: the marker of each value is a parameter there. */
function byOdbc(text: string): string {
  const declared = new Set([...text.matchAll(/DECLARE @(\w+)/g)].map(([, name]) => name))
  const names = [...text.matchAll(/@(\w+)/g)].map(([, name = '']) => name).filter((name) => !declared.has(name))
  let count = 0
  return withMarkers(text, Object.fromEntries(names.map((name) => [name, '']))).replaceAll('?', () => `@P${++count}`)
}

/** RESTORE.md and procedures, and what the doctor asks an administrator to run. */
function shown(): Batch[] {
  const instance = rightsFor('look', 'back-up', 'restore-test').filter((right) => right !== 'backUp')
  const lacking = [...instance.map((right) => ({ right })), { right: 'backUp' as const, database: "Lcs]C'DR" }]
  const rights = { login: "CONTOSO\\svc]hold'fast", lacking }
  const files = [
    { name: "Lcs'CDR", path: "D:\\Cs'Data\\LcsCdr.mdf" },
    { name: 'LcsCDR_log', path: 'E:\\LcsCdr.ldf' },
  ]
  const file = "\\\\backup01.contoso.com\\Lync'Backup\\LcsCDR.bak"
  return [
    { name: 'restore', text: restoreDatabase("Lcs]C'DR", file) },
    { name: 'restore of known files', text: restoreDatabase("Lcs]C'DR", file, files) },
    { name: 'rights', text: statementsIn(() => refuseMissingRights('sql01.contoso.com', rights, true)) },
    { name: 'rights for restore tests', text: statementsIn(() => refuseNoRestore('sql01.contoso.com', rights)) },
  ]
}

function statementsIn(refuse: () => unknown): string {
  try {
    refuse()
  } catch (thrown) {
    if (thrown instanceof Problem) return /^[^:]*: (.*)\. Every right: /.exec(thrown.hint ?? '')?.[1] ?? ''
  }
  throw new Error('nothing was refused')
}

/** Whether a text of the file begins as a statement does. Keywords of the house are written in capitals. */
function writesTsql(file: string): boolean {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest)
  let found = false
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node)) found ||= keyword.test(node.text)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

const keyword =
  /^\s*(?:ALTER|BACKUP|BEGIN|CREATE|DBCC|DECLARE|DELETE|DENY|DROP|EXEC|EXECUTE|GRANT|IF|INSERT|KILL|MERGE|RESTORE|REVOKE|SELECT|SET|TRUNCATE|UPDATE|USE|WAITFOR|WITH)\s/
