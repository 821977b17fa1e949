import { convert } from '../convert.ts'
import { databaseId, databaseName, findDatabase, localTime } from '../engine.ts'
import { EngineError, undeclared } from '../errors.ts'
import type { Expression } from '../tsql/ast.ts'
import {
  bare,
  bit,
  commonType,
  compare,
  datetime,
  datetime2,
  int,
  isText,
  nvarchar,
  numberOf,
  smallint,
  sysname,
  variant,
  type SqlType,
  type Value,
} from '../values.ts'
import { serverName, versionText } from '../versions.ts'
import { dateFunctions } from './date-functions.ts'
import { factsOf, isAdministrator, type Frame } from './frame.ts'
import { databaseProperty, serverProperty } from './properties.ts'
import type { Compiled, Scope } from './scope.ts'

type Call = Expression & { node: 'call' }
type CompileValue = (expression: Expression, scope: Scope) => Compiled & { type: SqlType }

/** A function of plain values. `type` may follow from the types of its arguments. */
export interface Definition {
  least: number
  most: number
  type: SqlType | ((types: readonly SqlType[]) => SqlType)
  /** Null as soon as one argument is, unless it says otherwise. */
  nulls?: true
  run(values: readonly Value[], frame: Frame): Value
}

const text = (value: Value | undefined): string => String(bare(value ?? null))
const sameText = (types: readonly SqlType[]): SqlType => (types[0] && isText(types[0]) ? types[0] : nvarchar(4000))
const common = (types: readonly SqlType[]): SqlType => types.reduce(commonType)

/** A row of the table of functions: how many arguments, the type of the result, what it does. */
function scalar(least: number, most: number, type: Definition['type'], run: Definition['run']): Definition {
  return { least, most, type, run }
}

/** The same for a function that says itself what a NULL does. */
function withNulls(least: number, most: number, type: Definition['type'], run: Definition['run']): Definition {
  return { least, most, type, nulls: true, run }
}

/** From the second argument, counted from 1, of the length in the third. */
function part([value, start, length]: readonly Value[]): string {
  const from = numberOf(start ?? 1) - 1
  return text(value).slice(Math.max(from, 0), Math.max(from + numberOf(length ?? 0), 0))
}

function nullIf(value: Value, other: Value): Value {
  return value !== null && other !== null && compare(value, other) === 0 ? null : value
}

const firstType = ([first, second]: readonly SqlType[]): SqlType => (first?.untyped ? second : first) ?? int
const currentUser = scalar(0, 1, sysname, (_, frame) => frame.session.login.user)
const local = (frame: Frame): Date => localTime(factsOf(frame), frame.now)

const functions: Record<string, Definition> = {
  '@@version': scalar(0, 0, nvarchar(300), (_, frame) => versionText(factsOf(frame))),
  '@@servername': scalar(0, 0, sysname, (_, frame) => serverName(factsOf(frame))),
  '@@servicename': scalar(0, 0, sysname, (_, frame) => factsOf(frame).instance.toUpperCase() || 'MSSQLSERVER'),
  '@@spid': scalar(0, 0, smallint, (_, frame) => frame.session.id),
  '@@rowcount': scalar(0, 0, int, (_, frame) => frame.rowCount),
  '@@error': scalar(0, 0, int, () => 0),
  '@@trancount': scalar(0, 0, int, () => 0),
  '@@language': scalar(0, 0, sysname, () => 'us_english'),
  '@@max_precision': scalar(0, 0, int, () => 38),
  serverproperty: scalar(1, 1, variant, ([name], frame) => serverProperty(text(name), factsOf(frame))),
  databasepropertyex: scalar(2, 2, variant, ([name, property], frame) =>
    databaseProperty(text(name), text(property), factsOf(frame)),
  ),
  db_name: scalar(0, 1, sysname, ([id], frame) =>
    id === undefined ? frame.session.database : databaseName(factsOf(frame), numberOf(id)),
  ),
  db_id: scalar(0, 1, smallint, ([name], frame) =>
    databaseId(factsOf(frame), name === undefined ? frame.session.database : text(name)),
  ),
  suser_sname: currentUser,
  suser_name: currentUser,
  original_login: currentUser,
  user_name: scalar(0, 1, sysname, (_, frame) => (isAdministrator(frame) ? 'dbo' : frame.session.login.user)),
  app_name: scalar(0, 0, nvarchar(128), (_, frame) => frame.session.application),
  host_name: scalar(0, 0, nvarchar(128), (_, frame) => frame.session.hostName),
  is_srvrolemember: scalar(1, 2, int, ([role], frame) => roleMember(text(role), frame)),
  is_member: scalar(1, 1, int, (_, frame) => Number(isAdministrator(frame))),
  has_dbaccess: scalar(1, 1, int, ([name], frame) => hasAccess(text(name), frame)),
  has_perms_by_name: withNulls(3, 5, int, ([securable, , permission], frame) =>
    permitted(securable ?? null, text(permission), frame),
  ),
  isnull: withNulls(2, 2, firstType, ([value, instead]) => value ?? instead ?? null),
  coalesce: withNulls(1, 99, common, (values) => values.find((value) => value !== null) ?? null),
  nullif: withNulls(2, 2, firstType, ([value = null, other = null]) => nullIf(value, other)),
  upper: scalar(1, 1, sameText, ([value]) => text(value).toUpperCase()),
  lower: scalar(1, 1, sameText, ([value]) => text(value).toLowerCase()),
  ltrim: scalar(1, 1, sameText, ([value]) => text(value).replace(/^ +/, '')),
  rtrim: scalar(1, 1, sameText, ([value]) => text(value).replace(/ +$/, '')),
  len: scalar(1, 1, int, ([value]) => text(value).replace(/ +$/, '').length),
  left: scalar(2, 2, sameText, ([value = null, length = 0]) => part([value, 1, length])),
  right: scalar(2, 2, sameText, ([value, length]) =>
    text(value).slice(Math.max(text(value).length - numberOf(length ?? 0), 0)),
  ),
  substring: scalar(3, 3, sameText, part),
  replace: scalar(3, 3, sameText, ([value, search, by]) => text(value).replaceAll(text(search), text(by))),
  charindex: scalar(2, 2, int, ([search, value]) => text(value).toLowerCase().indexOf(text(search).toLowerCase()) + 1),
  quotename: scalar(1, 1, nvarchar(258), ([value]) => `[${text(value).replaceAll(']', ']]')}]`),
  abs: scalar(1, 1, firstType, ([value]) => Math.abs(numberOf(value ?? 0))),
  getdate: scalar(0, 0, datetime, (_, frame) => convert(local(frame), datetime)),
  getutcdate: scalar(0, 0, datetime, (_, frame) => convert(frame.now, datetime)),
  sysdatetime: scalar(0, 0, datetime2, (_, frame) => local(frame)),
  sysutcdatetime: scalar(0, 0, datetime2, (_, frame) => frame.now),
  ...dateFunctions,
}

/** A scalar function of the `sys` schema: from SQL Server 2012. */
const systemFunctions: Record<string, Definition> = {
  fn_hadr_backup_is_preferred_replica: {
    least: 1,
    most: 1,
    type: bit,
    run: ([name], frame) => preferredReplica(text(name), frame),
  },
}

/** A call by name, or a system variable. Unknown: 195 as the engine says of a built-in. */
export function compileFunction(call: Call, scope: Scope, compileValue: CompileValue): Compiled {
  const { frame } = scope
  const name = call.name.at(-1)?.toLowerCase() ?? ''
  if (name === 'sysdatetimeoffset') return offsetNow(frame)
  const schema = call.name.length > 1 ? call.name.at(-2)?.toLowerCase() : null
  const recent = factsOf(frame).version !== '2008 R2'
  const definition =
    schema === 'sys' ? (recent ? systemFunctions[name] : undefined) : schema === null ? functions[name] : undefined
  if (!definition) throw unknownFunction(call)
  if (call.arguments.length < definition.least || call.arguments.length > definition.most)
    throw new EngineError(174, `The ${name} function requires ${definition.least} argument(s).`, { severity: 15 })
  const operands = call.arguments.map((argument) => compileValue(argument, scope))
  const type =
    typeof definition.type === 'function' ? definition.type(operands.map((operand) => operand.type)) : definition.type
  return {
    type,
    run(environment) {
      const values = operands.map((operand) => operand.run(environment))
      if (!definition.nulls && values.includes(null)) return null
      const result = definition.run(values, frame)
      return typeof definition.type === 'function' ? convert(result, type) : result
    },
  }
}

function unknownFunction(call: Call): EngineError {
  const [first = ''] = call.name
  if (first.startsWith('@@')) return undeclared(first)
  if (call.name.length > 1)
    return new EngineError(
      4121,
      `Cannot find either column "${first}" or the user-defined function or aggregate "${call.name.join('.')}", or the name is ambiguous.`,
    )
  return new EngineError(195, `'${first}' is not a recognized built-in function name.`, { severity: 15 })
}

function offsetNow(frame: Frame): Compiled {
  return {
    type: { kind: 'datetimeoffset', scale: 7, offset: factsOf(frame).utcOffsetMinutes },
    run: () => frame.now,
  }
}

const serverRoles = new Set([
  'sysadmin',
  'serveradmin',
  'securityadmin',
  'processadmin',
  'setupadmin',
  'bulkadmin',
  'diskadmin',
  'dbcreator',
])

function roleMember(role: string, frame: Frame): Value {
  const name = role.toLowerCase()
  if (name === 'public') return 1
  return serverRoles.has(name) ? Number(isAdministrator(frame)) : null
}

function hasAccess(name: string, frame: Frame): Value {
  const facts = factsOf(frame)
  if (databaseId(facts, name) === null) return null
  const database = findDatabase(facts, name)
  return Number(!database || (isAdministrator(frame) && database.state === 'ONLINE'))
}

/** HAS_PERMS_BY_NAME: members of sysadmin hold every permission, others CONNECT and what `public` has. */
function permitted(securable: Value, permission: string, frame: Frame): Value {
  if (securable !== null && databaseId(factsOf(frame), databasePart(text(securable))) === null) return null
  if (isAdministrator(frame)) return 1
  return Number(['view any database', 'connect sql'].includes(permission.toLowerCase()))
}

/** `[name]`, or the first part of `database.schema.object`. */
function databasePart(securable: string): string {
  return /^\[(.*)\]$/.exec(securable)?.[1]?.replaceAll(']]', ']') ?? securable.split('.')[0] ?? ''
}

/** Copy-only full backups may run anywhere; the preference only says where they should. */
function preferredReplica(name: string, frame: Frame): Value {
  const group = findDatabase(factsOf(frame), name)?.availabilityGroup
  if (!group) return 1
  switch (group.backupPreference) {
    case 'PRIMARY':
      return Number(group.role === 'PRIMARY')
    case 'SECONDARY_ONLY':
    case 'SECONDARY':
      return Number(group.role === 'SECONDARY')
    case 'NONE':
      return 1
  }
}
