import { convert } from '../convert.ts'
import { databaseId, databaseName, findDatabase, localTime } from '../engine.ts'
import { EngineError } from '../errors.ts'
import { commonType, datetime, int, momentOf, numberOf, nvarchar, smallint, sysname } from '../values.ts'
import type { SqlType, Value } from '../values.ts'
import { pageCount } from '../tape/pages.ts'
import { serverName, serverProperty, versionText } from '../versions.ts'
import { factsOf, type Frame } from './frame.ts'
import { isAdministrator, isGranted, mayBackUp, mayRead } from './rights.ts'
import type { CompiledValue } from './scope.ts'

/** A function of plain values. `type` may follow from the types of its arguments. */
interface Definition {
  least: number
  most: number
  type: SqlType | ((types: readonly SqlType[]) => SqlType)
  /** Null as soon as one argument is, unless it says otherwise. */
  nulls?: true
  run(values: readonly Value[], frame: Frame): Value
}

/** A row of the table of functions: how many arguments, the type of the result, what it does. */
function scalar(least: number, most: number, type: Definition['type'], run: Definition['run']): Definition {
  return { least, most, type, run }
}

const text = (value: Value | undefined): string => String(value ?? '')
const firstType = ([first, second]: readonly SqlType[]): SqlType => (first?.untyped ? second : first) ?? int
const currentUser = scalar(0, 1, sysname, (_, frame) => frame.session.login.user)

const functions: Record<string, Definition> = {
  '@@version': scalar(0, 0, nvarchar(300), (_, frame) => versionText(factsOf(frame))),
  '@@servername': scalar(0, 0, sysname, (_, frame) => serverName(factsOf(frame))),
  '@@spid': scalar(0, 0, smallint, (_, frame) => frame.session.id),
  // Of one type whatever the property is: clients cast it, as its sql_variant demands.
  serverproperty: scalar(1, 1, nvarchar(128), ([name], frame) => serverProperty(text(name), factsOf(frame))),
  db_name: scalar(0, 1, sysname, ([id], frame) =>
    id === undefined ? frame.session.database : databaseName(factsOf(frame), numberOf(id)),
  ),
  db_id: scalar(0, 1, smallint, ([name], frame) =>
    databaseId(factsOf(frame), name === undefined ? frame.session.database : text(name)),
  ),
  // The data of a simulated database fill their file.
  fileproperty: scalar(2, 2, int, ([file, property], frame) => {
    const database = findDatabase(factsOf(frame), frame.session.database)
    const isData = database !== undefined && text(file).toLowerCase() === database.name.toLowerCase()
    return isData && text(property).toLowerCase() === 'spaceused' ? pageCount(database.sizeBytes) : null
  }),
  // As SERVERPROPERTY: of one type whatever the property is.
  databasepropertyex: scalar(2, 2, nvarchar(128), ([name, property], frame) => {
    const database = findDatabase(factsOf(frame), text(name))
    if (!database) return null
    const properties: Record<string, string> = {
      status: database.state,
      useraccess: database.singleUser ? 'SINGLE_USER' : 'MULTI_USER',
    }
    return properties[text(property).toLowerCase()] ?? null
  }),
  suser_sname: currentUser,
  is_srvrolemember: scalar(1, 1, int, ([role], frame) => roleMember(text(role).toLowerCase(), frame)),
  has_perms_by_name: {
    ...scalar(3, 3, int, ([securable, , permission], frame) => permitted(securable ?? null, text(permission), frame)),
    nulls: true,
  },
  isnull: { ...scalar(2, 2, firstType, ([value, instead]) => value ?? instead ?? null), nulls: true },
  coalesce: {
    ...scalar(
      1,
      99,
      (types) => types.reduce(commonType),
      (values) => values.find((value) => value !== null) ?? null,
    ),
    nulls: true,
  },
  quotename: scalar(1, 1, nvarchar(258), ([value]) => `[${text(value).replaceAll(']', ']]')}]`),
  upper: scalar(1, 1, firstType, ([value]) => text(value).toUpperCase()),
  lower: scalar(1, 1, firstType, ([value]) => text(value).toLowerCase()),
  left: scalar(2, 2, firstType, ([value, length]) => text(value).slice(0, numberOf(length ?? 0))),
  getdate: scalar(0, 0, datetime, (_, frame) => localTime(factsOf(frame), frame.now)),
  getutcdate: scalar(0, 0, datetime, (_, frame) => frame.now),
  datediff: scalar(3, 3, int, ([part, from = null, to = null]) => difference(text(part), momentOf(from), momentOf(to))),
}

/** A call by name with its operands, or a system variable. Unknown: 195 as the engine says of a built-in. */
export function compileFunction(
  name: readonly string[],
  operands: readonly CompiledValue[],
  frame: Frame,
): CompiledValue {
  const [first = ''] = name
  const definition = name.length === 1 ? functions[first.toLowerCase()] : undefined
  if (!definition) throw unknownFunction(name)
  if (operands.length < definition.least || operands.length > definition.most)
    throw new EngineError(174, first, definition.least)
  const type =
    typeof definition.type === 'function' ? definition.type(operands.map((operand) => operand.type)) : definition.type
  return {
    type,
    run(rows) {
      const values = operands.map((operand) => operand.run(rows))
      return !definition.nulls && values.includes(null) ? null : convert(definition.run(values, frame), type)
    },
  }
}

function unknownFunction(name: readonly string[]): EngineError {
  const [first = ''] = name
  if (first.startsWith('@@')) return new EngineError(137, first)
  if (name.length > 1) return new EngineError(4121, first, name.join('.'))
  return new EngineError(195, first, 'built-in function name')
}

const milliseconds: Record<string, number> = {
  millisecond: 1,
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
}

/** DATEDIFF counts the boundaries that are crossed, not the time in between. */
function difference(part: string, from: number, to: number): number {
  const unit = milliseconds[part]
  if (unit === undefined) throw new EngineError(155, part, 'datediff')
  return Math.floor(to / unit) - Math.floor(from / unit)
}

const serverRoles = new Set(['sysadmin', 'serveradmin', 'dbcreator'])

function roleMember(role: string, frame: Frame): Value {
  return serverRoles.has(role) ? Number(isAdministrator(frame)) : role === 'public' ? 1 : null
}

/** HAS_PERMS_BY_NAME of the server, a database or a table of `msdb`: members of sysadmin hold every permission. */
function permitted(securable: Value, permission: string, frame: Frame): Value {
  if (securable === null) return Number(isGranted(permission, frame))
  const name = databasePart(text(securable))
  if (databaseId(factsOf(frame), name) === null) return null
  if (isAdministrator(frame)) return 1
  return Number(
    permission.toUpperCase() === 'BACKUP DATABASE' ? mayBackUp(name, frame) : mayRead(text(securable), frame),
  )
}

/** `[name]`, or the first part of `database.schema.object`. */
function databasePart(securable: string): string {
  return /^\[(.*)\]$/.exec(securable)?.[1]?.replaceAll(']]', ']') ?? securable.split('.')[0] ?? ''
}
