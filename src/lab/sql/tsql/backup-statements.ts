import { EngineError } from '../errors.ts'
import { int, nvarchar } from '../values.ts'
import type { Expression, Inspection, Option, Statement } from './ast.ts'
import type { Cursor } from './cursor.ts'

/** A name, or a variable that holds one. */
export function parseTarget(cursor: Cursor): Expression {
  if (cursor.peek().kind === 'variable') return { node: 'variable', name: cursor.next().text }
  return { node: 'literal', value: cursor.name(), type: nvarchar(128) }
}

/** A literal or a variable, never an expression: `DISK = @p + N'x'` is refused by every version. */
export function parseSimple(cursor: Cursor): Expression {
  const { kind } = cursor.peek()
  if (kind === 'variable') return { node: 'variable', name: cursor.next().text }
  if (kind !== 'string' && kind !== 'number') cursor.fail()
  const { text } = cursor.next()
  if (kind === 'number') return { node: 'literal', value: Number(text), type: int }
  return { node: 'literal', value: text, type: nvarchar(Math.max(text.length, 1)) }
}

function parseDevices(cursor: Cursor, preposition: 'to' | 'from'): Expression[] {
  cursor.expect(preposition)
  return cursor.list(() => {
    cursor.expect('disk')
    cursor.expect('=')
    return parseSimple(cursor)
  })
}

const words = (text: string): Set<string> => new Set(text.split(/\s+/))
const common = 'checksum no_checksum stats stop_on_error continue_after_error rewind norewind unload nounload'

/** Options with a value behind `=`, and those that stand alone. */
const valued = words('name description stats maxtransfersize buffercount blocksize file')
const bare = {
  backup: words(`${common} copy_only compression no_compression init noinit format noformat skip noskip`),
  restore: words(`${common} replace recovery norecovery`),
}

function parseOptions(cursor: Cursor, verb: keyof typeof bare): Option[] {
  return cursor.accept('with') ? cursor.list(() => parseOption(cursor, verb)) : []
}

function parseOption(cursor: Cursor, verb: keyof typeof bare): Option {
  const { kind, text, word: name } = cursor.peek()
  if (kind !== 'word') cursor.fail()
  if (verb === 'restore' && cursor.accept('move')) {
    const value = parseSimple(cursor)
    cursor.expect('to')
    return { name, value, to: parseSimple(cursor) }
  }
  if (!valued.has(name) && !bare[verb].has(name)) throw new EngineError(155, text, verb.toUpperCase())
  cursor.next()
  if (valued.has(name) && cursor.accept('=')) return { name, value: parseSimple(cursor), to: null }
  if (!bare[verb].has(name)) cursor.fail()
  return { name, value: null, to: null }
}

/** BACKUP, behind its first word. Only of databases: logs are not backed up here. */
export function parseBackup(cursor: Cursor): Statement {
  cursor.expect('database')
  const database = parseTarget(cursor)
  const devices = parseDevices(cursor, 'to')
  return { node: 'backup', database, devices, options: parseOptions(cursor, 'backup') }
}

const inspections: readonly Inspection[] = ['headeronly', 'filelistonly', 'verifyonly']

/** RESTORE, behind its first word. */
export function parseRestore(cursor: Cursor): Statement {
  const what = inspections.find((word) => cursor.accept(word))
  if (what) {
    const devices = parseDevices(cursor, 'from')
    return { node: 'inspect', what, devices, options: parseOptions(cursor, 'restore') }
  }
  cursor.expect('database')
  const database = parseTarget(cursor)
  const devices = cursor.peek().word === 'from' ? parseDevices(cursor, 'from') : []
  return { node: 'restore', database, devices, options: parseOptions(cursor, 'restore') }
}
