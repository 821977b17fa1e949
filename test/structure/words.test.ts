import { globSync, readFileSync } from 'node:fs'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'

/**
 * Where the words of a foreign program are read once, and turned into a code: nothing else may decide on words. Each
 * with what it translates.
 */
const translators: Readonly<Record<string, string>> = {
  'src/desired/git-errors.ts': 'what Git says of a repository and of a lock',
  'src/drivers/shell/ssh/problems.ts': 'what the OpenSSH client says of a connection',
  'src/drivers/sql/errors.ts': "the operating system's error number inside a device error of SQL Server",
  'src/store/committed.ts':
    'the checksum in an entry of the journal, whose columns are fixed; written by the same file',
  'src/store/continued.ts':
    'the entries that were lost, in an entry of the journal, whose columns are fixed; written by the same file',
  'src/domain/entry-fields.ts':
    'the fields in entries of the journal about recoveries, whose columns are fixed; written by the same file',
  'src/drivers/sql/progress.ts': 'the percentage inside a message of SQL Server',
}

/** Names under which words for people travel. */
const words = /^(?:message|error|errors|stderr|complaints|refusal|thrown|why|hint|.*(?:Message|Error|Text))$/
const readers = new Set(['includes', 'startsWith', 'endsWith', 'indexOf', 'lastIndexOf', 'match', 'matchAll', 'search'])

/** Every place where such words are searched, matched, or compared with a text of ours. */
function decisions(file: string, text: string): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (decides(node)) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart())
      found.push(`${file}:${line + 1}: ${node.getText().replace(/\s+/g, ' ')}`)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

function decides(node: ts.Node): boolean {
  if (ts.isSwitchStatement(node)) return areWords(node.expression)
  if (ts.isBinaryExpression(node)) {
    const { left, right, operatorToken } = node
    return isComparison(operatorToken.kind) && ((areWords(left) && isText(right)) || (areWords(right) && isText(left)))
  }
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return false
  const { name, expression } = node.expression
  if (name.text === 'test' || name.text === 'exec') return node.arguments.some(areWords)
  return readers.has(name.text) && areWords(expression)
}

/** `error`, `sight.error`, `String(thrown)`, `error.toLowerCase()`, `fault?.message ?? ''`. */
function areWords(node: ts.Expression): boolean {
  if (ts.isIdentifier(node)) return words.test(node.text)
  if (ts.isPropertyAccessExpression(node)) return words.test(node.name.text)
  if (ts.isParenthesizedExpression(node) || ts.isNonNullExpression(node)) return areWords(node.expression)
  if (ts.isBinaryExpression(node)) return areWords(node.left) || areWords(node.right)
  if (!ts.isCallExpression(node)) return false
  const { expression: called } = node
  // `systemCode(thrown)` and its like give a code, `String(thrown)` and its like the words.
  if (ts.isIdentifier(called)) return !called.text.endsWith('Code') && node.arguments.some(areWords)
  return ts.isPropertyAccessExpression(called) && areWords(called.expression)
}

function isComparison(kind: ts.SyntaxKind): boolean {
  return kind === ts.SyntaxKind.EqualsEqualsEqualsToken || kind === ts.SyntaxKind.ExclamationEqualsEqualsToken
}

/** Not empty: that there are no words at all decides nothing on what they say. */
function isText(node: ts.Expression): boolean {
  return ts.isTemplateExpression(node) || (ts.isStringLiteralLike(node) && node.text !== '')
}

describe('a decision on words is found', () => {
  test.each([
    String.raw`const isGone = code === 'file-gone' || /\bENOENT\b/.test(error)`,
    String.raw`return /\[([a-z-]+)\]$/.exec(error)?.[1] ?? ''`,
    `if (fact.error.includes('timeout')) return`,
    `const gone = String(thrown).startsWith('ENOENT')`,
    `if (observation.message.toLowerCase().endsWith('[sql-timeout]')) return`,
    `if ((problem?.message ?? '').match(pattern)) return`,
    `return message === 'Invalid input' ? 1 : 2`,
    'if (message !== `No answer from ${host}.`) return',
    `switch (fault.message) { case 'a': break }`,
  ])('%s', (text) => expect(decisions('a.ts', text)).toHaveLength(1))

  test.each([
    `if (message === null || message === '' || before.message === now.message) return`,
    `if (systemCode(thrown) === 'ENOENT') return`,
    `if (problem.code === 'file-gone' || codes.includes(problem.code)) return`,
    `terminal.err(error.message.slice(0, 200))`,
  ])('and none in %s', (text) => expect(decisions('a.ts', text)).toEqual([]))
})

const files = globSync('src/**/*.ts').map((file) => file.replaceAll('\\', '/'))
const found = new Map(files.map((file) => [file, decisions(file, readFileSync(file, 'utf8'))]))

test('nothing decides on the words of a problem: they are for people, and codes decide', () => {
  expect(files.length).toBeGreaterThan(300)
  expect([...found].flatMap(([file, places]) => (file in translators ? [] : places))).toEqual([])
})

test.each(Object.keys(translators))('%s still reads words, or its line must go', (file) => {
  expect(found.get(file)?.length).toBeGreaterThan(0)
})
