import { databaseId, localTime, utcNow, type ActiveRequest, type Session } from '../engine.ts'
import { factsOf, isAdministrator, type Frame } from '../run/frame.ts'
import { bare, type Value } from '../values.ts'
import { serverName } from '../versions.ts'
import type { Row, TableDefinition } from './table.ts'

/** Without VIEW SERVER STATE a login sees its own sessions only. */
function visible(frame: Frame): Session[] {
  return [...frame.engine.sessions.values()].filter(
    (session) => isAdministrator(frame) || session.id === frame.session.id,
  )
}

function handleOf(session: Session): Buffer {
  const handle = Buffer.alloc(20, 1)
  handle.writeInt32LE(session.id, 16)
  return handle
}

function requestRow(frame: Frame, session: Session, request: ActiveRequest): Row {
  const facts = factsOf(frame)
  const elapsed = utcNow(facts).getTime() - request.startedAt.getTime()
  return {
    session_id: session.id,
    request_id: 0,
    start_time: localTime(facts, request.startedAt),
    status: session.id === frame.session.id ? 'running' : 'suspended',
    command: request.command,
    sql_handle: handleOf(session),
    database_id: databaseId(facts, request.database) ?? 1,
    blocking_session_id: 0,
    wait_type: request.command.startsWith('BACKUP') ? 'BACKUPIO' : null,
    wait_time: 0,
    open_transaction_count: 0,
    percent_complete: request.percent,
    estimated_completion_time: BigInt(
      request.percent > 0 ? Math.round((elapsed * (100 - request.percent)) / request.percent) : 0,
    ),
    cpu_time: Math.round(elapsed / 10),
    total_elapsed_time: elapsed,
  }
}

export const sessionViews: Record<string, TableDefinition> = {
  'sys.dm_exec_requests': {
    columns: `session_id smallint, request_id int, start_time datetime, status nvarchar(30), command nvarchar(32),
      sql_handle varbinary(64), database_id smallint, blocking_session_id smallint, wait_type nvarchar(60),
      wait_time int, open_transaction_count int, percent_complete real, estimated_completion_time bigint,
      cpu_time int, total_elapsed_time int`,
    rows: (frame) =>
      visible(frame).flatMap((session) => (session.request ? [requestRow(frame, session, session.request)] : [])),
  },
  'sys.dm_exec_sessions': {
    columns: `session_id smallint, login_time datetime, host_name nvarchar(128), program_name nvarchar(128),
      login_name nvarchar(128), status nvarchar(30), is_user_process int, original_login_name nvarchar(128),
      database_id smallint @11`,
    rows: (frame) =>
      visible(frame).map((session) => ({
        session_id: session.id,
        login_time: localTime(factsOf(frame), session.loginAt),
        host_name: session.hostName,
        program_name: session.application,
        login_name: session.login.user,
        status: session.request ? 'running' : 'sleeping',
        is_user_process: 1,
        original_login_name: session.login.user,
        database_id: databaseId(factsOf(frame), session.database),
      })),
  },
  'sys.dm_exec_sql_text()': {
    columns: `dbid smallint, objectid int, number smallint, encrypted smallint, text nvarchar(max)`,
    needs: 'server state',
    rows(frame, _database, [handle]) {
      const bytes: Value = bare(handle ?? null)
      const id = Buffer.isBuffer(bytes) && bytes.length === 20 ? bytes.readInt32LE(16) : -1
      const request = frame.engine.sessions.get(id)?.request
      return request ? [{ text: request.sql }] : []
    },
  },
  'sys.dm_os_sys_info': {
    columns: `sqlserver_start_time datetime, cpu_count int`,
    needs: 'server state',
    rows: (frame) => [{ sqlserver_start_time: localTime(factsOf(frame), frame.engine.startedAt), cpu_count: 2 }],
  },
  'sys.servers': {
    columns: `server_id int, name sysname, product sysname, is_linked int`,
    rows: (frame) => [{ server_id: 0, name: serverName(factsOf(frame)), product: 'SQL Server', is_linked: 0 }],
  },
  'sys.configurations': {
    columns: `configuration_id int, name nvarchar(35), value int, value_in_use int`,
    rows: () => [{ configuration_id: 1579, name: 'backup compression default', value: 0, value_in_use: 0 }],
  },
}
