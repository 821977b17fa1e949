import { EngineError } from '../errors.ts'
import { nvarchar } from '../values.ts'
import type { Expression, Inspection, Option, Statement } from './ast.ts'
import type { Cursor } from './cursor.ts'

/** A name, or a variable or literal that holds one. */
export function parseTarget(cursor: Cursor): Expression {
  const token = cursor.peek()
  if (token.kind === 'variable') return { node: 'variable', name: cursor.next().text }
  return { node: 'literal', value: cursor.name(), type: nvarchar(128) }
}

/** A literal or a variable, never an expression: `DISK = @p + N'x'` is refused by every version. */
export function parseSimple(cursor: Cursor): Expression {
  const token = cursor.peek()
  if (token.kind === 'variable') return { node: 'variable', name: cursor.next().text }
  if (token.kind !== 'string' && token.kind !== 'number' && token.kind !== 'binary') cursor.fail()
  return parsePrimaryLiteral(cursor)
}

function parsePrimaryLiteral(cursor: Cursor): Expression {
  const token = cursor.next()
  if (token.kind === 'number') return { node: 'literal', value: Number(token.text), type: { kind: 'int' } }
  return { node: 'literal', value: token.text, type: nvarchar(Math.max(token.text.length, 1)) }
}

function parseDevices(cursor: Cursor, preposition: 'to' | 'from'): Expression[] {
  cursor.expect(preposition)
  const devices: Expression[] = []
  do {
    cursor.expect('disk')
    cursor.expect('=')
    devices.push(parseSimple(cursor))
  } while (cursor.accept(','))
  return devices
}

const valued = new Set([
  'name',
  'description',
  'password',
  'medianame',
  'mediadescription',
  'mediapassword',
  'stats',
  'maxtransfersize',
  'buffercount',
  'blocksize',
  'expiredate',
  'retaindays',
  'file',
])
const flags = {
  backup: new Set([
    'copy_only',
    'checksum',
    'no_checksum',
    'compression',
    'no_compression',
    'init',
    'noinit',
    'format',
    'noformat',
    'skip',
    'noskip',
    'stats',
    'stop_on_error',
    'continue_after_error',
    'differential',
    'rewind',
    'norewind',
    'unload',
    'nounload',
  ]),
  restore: new Set([
    'replace',
    'recovery',
    'norecovery',
    'checksum',
    'no_checksum',
    'stats',
    'stop_on_error',
    'continue_after_error',
    'restricted_user',
    'keep_replication',
    'restart',
    'loadhistory',
    'move',
    'rewind',
    'norewind',
    'unload',
    'nounload',
  ]),
}

function parseOptions(cursor: Cursor, verb: keyof typeof flags): Option[] {
  if (!cursor.accept('with')) return []
  const options: Option[] = []
  do options.push(parseOption(cursor, verb))
  while (cursor.accept(','))
  return options
}

function parseOption(cursor: Cursor, verb: keyof typeof flags): Option {
  const token = cursor.peek()
  if (token.kind !== 'word' || !(valued.has(token.word) || flags[verb].has(token.word)))
    throw token.kind === 'word'
      ? new EngineError(155, `'${token.text}' is not a recognized ${verb.toUpperCase()} option.`, { severity: 15 })
      : cursor.fail()
  const name = cursor.next().word
  if (name === 'move') {
    const value = parseSimple(cursor)
    cursor.expect('to')
    return { name, value, to: parseSimple(cursor) }
  }
  if (valued.has(name) && cursor.accept('=')) return { name, value: parseSimple(cursor), to: null }
  if (!flags[verb].has(name)) cursor.fail()
  return { name, value: null, to: null }
}

/** BACKUP, behind its first word. */
export function parseBackup(cursor: Cursor): Statement {
  const what = cursor.accept('database') ? 'database' : 'log'
  if (what === 'log') cursor.expect('log')
  const database = parseTarget(cursor)
  return {
    node: 'backup',
    what,
    database,
    devices: parseDevices(cursor, 'to'),
    options: parseOptions(cursor, 'backup'),
  }
}

/** RESTORE, behind its first word. */
export function parseRestore(cursor: Cursor): Statement {
  const { word } = cursor.peek()
  if (word === 'headeronly' || word === 'filelistonly' || word === 'labelonly' || word === 'verifyonly') {
    const what: Inspection = word
    cursor.next()
    return { node: 'inspect', what, devices: parseDevices(cursor, 'from'), options: parseOptions(cursor, 'restore') }
  }
  cursor.expect('database')
  const database = parseTarget(cursor)
  const devices = cursor.peek().word === 'from' ? parseDevices(cursor, 'from') : []
  return { node: 'restore', database, devices, options: parseOptions(cursor, 'restore') }
}
