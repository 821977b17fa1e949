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

const functions: Record<string, Definition> = {
  '@@version': { least: 0, most: 0, type: nvarchar(300), run: (_, frame) => versionText(factsOf(frame)) },
  '@@servername': { least: 0, most: 0, type: sysname, run: (_, frame) => serverName(factsOf(frame)) },
  '@@servicename': {
    least: 0,
    most: 0,
    type: sysname,
    run: (_, frame) => factsOf(frame).instance.toUpperCase() || 'MSSQLSERVER',
  },
  '@@spid': { least: 0, most: 0, type: smallint, run: (_, frame) => frame.session.id },
  '@@rowcount': { least: 0, most: 0, type: int, run: (_, frame) => frame.rowCount },
  '@@error': { least: 0, most: 0, type: int, run: () => 0 },
  '@@trancount': { least: 0, most: 0, type: int, run: () => 0 },
  '@@language': { least: 0, most: 0, type: sysname, run: () => 'us_english' },
  '@@max_precision': { least: 0, most: 0, type: int, run: () => 38 },
  serverproperty: {
    least: 1,
    most: 1,
    type: variant,
    run: ([name], frame) => serverProperty(text(name), factsOf(frame)),
  },
  databasepropertyex: {
    least: 2,
    most: 2,
    type: variant,
    run: ([name, property], frame) => databaseProperty(text(name), text(property), factsOf(frame)),
  },
  db_name: {
    least: 0,
    most: 1,
    type: sysname,
    run: ([id], frame) => (id === undefined ? frame.session.database : databaseName(factsOf(frame), numberOf(id))),
  },
  db_id: {
    least: 0,
    most: 1,
    type: smallint,
    run: ([name], frame) => databaseId(factsOf(frame), name === undefined ? frame.session.database : text(name)),
  },
  suser_sname: { least: 0, most: 1, type: sysname, run: (_, frame) => frame.session.login.user },
  suser_name: { least: 0, most: 1, type: sysname, run: (_, frame) => frame.session.login.user },
  original_login: { least: 0, most: 0, type: sysname, run: (_, frame) => frame.session.login.user },
  user_name: {
    least: 0,
    most: 1,
    type: sysname,
    run: (_, frame) => (isAdministrator(frame) ? 'dbo' : frame.session.login.user),
  },
  app_name: { least: 0, most: 0, type: nvarchar(128), run: (_, frame) => frame.session.application },
  host_name: { least: 0, most: 0, type: nvarchar(128), run: (_, frame) => frame.session.hostName },
  is_srvrolemember: { least: 1, most: 2, type: int, run: ([role], frame) => roleMember(text(role), frame) },
  is_member: { least: 1, most: 1, type: int, run: (_, frame) => Number(isAdministrator(frame)) },
  has_dbaccess: { least: 1, most: 1, type: int, run: ([name], frame) => hasAccess(text(name), frame) },
  has_perms_by_name: {
    least: 3,
    most: 5,
    type: int,
    nulls: true,
    run: ([securable, , permission], frame) => permitted(securable ?? null, text(permission), frame),
  },
  isnull: {
    least: 2,
    most: 2,
    type: ([first]) => first ?? int,
    nulls: true,
    run: ([value, instead]) => value ?? instead ?? null,
  },
  coalesce: {
    least: 1,
    most: 99,
    type: common,
    nulls: true,
    run: (values) => values.find((value) => value !== null) ?? null,
  },
  nullif: {
    least: 2,
    most: 2,
    type: ([first]) => first ?? int,
    nulls: true,
    run: ([value = null, other = null]) =>
      value !== null && other !== null && compare(value, other) === 0 ? null : value,
  },
  upper: { least: 1, most: 1, type: sameText, run: ([value]) => text(value).toUpperCase() },
  lower: { least: 1, most: 1, type: sameText, run: ([value]) => text(value).toLowerCase() },
  ltrim: { least: 1, most: 1, type: sameText, run: ([value]) => text(value).replace(/^ +/, '') },
  rtrim: { least: 1, most: 1, type: sameText, run: ([value]) => text(value).replace(/ +$/, '') },
  len: { least: 1, most: 1, type: int, run: ([value]) => text(value).replace(/ +$/, '').length },
  left: { least: 2, most: 2, type: sameText, run: ([value, length]) => text(value).slice(0, numberOf(length ?? 0)) },
  right: {
    least: 2,
    most: 2,
    type: sameText,
    run: ([value, length]) => text(value).slice(Math.max(text(value).length - numberOf(length ?? 0), 0)),
  },
  substring: {
    least: 3,
    most: 3,
    type: sameText,
    run: ([value, start, length]) =>
      text(value).slice(
        Math.max(numberOf(start ?? 1) - 1, 0),
        Math.max(numberOf(start ?? 1) - 1 + numberOf(length ?? 0), 0),
      ),
  },
  replace: {
    least: 3,
    most: 3,
    type: sameText,
    run: ([value, search, by]) => text(value).replaceAll(text(search), text(by)),
  },
  charindex: {
    least: 2,
    most: 2,
    type: int,
    run: ([search, value]) => text(value).toLowerCase().indexOf(text(search).toLowerCase()) + 1,
  },
  quotename: { least: 1, most: 1, type: nvarchar(258), run: ([value]) => `[${text(value).replaceAll(']', ']]')}]` },
  abs: { least: 1, most: 1, type: ([first]) => first ?? int, run: ([value]) => Math.abs(numberOf(value ?? 0)) },
  getdate: {
    least: 0,
    most: 0,
    type: datetime,
    run: (_, frame) => convert(localTime(factsOf(frame), frame.now), datetime),
  },
  getutcdate: { least: 0, most: 0, type: datetime, run: (_, frame) => convert(frame.now, datetime) },
  sysdatetime: {
    least: 0,
    most: 0,
    type: datetime2,
    run: (_, frame) => localTime(factsOf(frame), frame.now),
  },
  sysutcdatetime: { least: 0, most: 0, type: datetime2, run: (_, frame) => frame.now },
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
  if (securable !== null && databaseId(factsOf(frame), text(securable).replace(/^\[(.*)\]$/, '$1')) === null)
    return null
  if (isAdministrator(frame)) return 1
  return Number(['view any database', 'connect sql'].includes(permission.toLowerCase()))
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
