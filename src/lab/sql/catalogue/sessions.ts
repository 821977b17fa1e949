import { databaseId, localTime, type ActiveRequest, type Session } from '../engine.ts'
import { factsOf, type Frame } from '../run/frame.ts'
import { isGranted } from '../run/rights.ts'
import type { Row, TableDefinition } from './table.ts'

/** Without VIEW SERVER STATE a login sees its own sessions only. */
function visible(frame: Frame): Session[] {
  const seesAll = isGranted('VIEW SERVER STATE', frame)
  return [...frame.engine.sessions.values()].filter((session) => seesAll || session.id === frame.session.id)
}

function requestRow(frame: Frame, session: Session, request: ActiveRequest): Row {
  const facts = factsOf(frame)
  return {
    session_id: session.id,
    request_id: 0,
    start_time: localTime(facts, request.startedAt),
    status: session.id === frame.session.id ? 'running' : 'suspended',
    command: request.command,
    database_id: databaseId(facts, request.database) ?? 1,
    wait_type: request.command.startsWith('BACKUP') ? 'BACKUPIO' : null,
    percent_complete: request.percent,
  }
}

export const sessionViews: Record<string, TableDefinition> = {
  'sys.dm_exec_requests': {
    columns: `session_id smallint, request_id int, start_time datetime, status nvarchar(30), command nvarchar(32),
      database_id smallint, wait_type nvarchar(60), percent_complete real`,
    rows: (frame) =>
      visible(frame).flatMap((session) => (session.request ? [requestRow(frame, session, session.request)] : [])),
  },
  'sys.dm_exec_sessions': {
    columns: `session_id smallint, login_time datetime, host_name nvarchar(128), program_name nvarchar(128),
      login_name nvarchar(128), status nvarchar(30), is_user_process int, database_id smallint @11`,
    rows: (frame) =>
      visible(frame).map((session) => ({
        session_id: session.id,
        login_time: localTime(factsOf(frame), session.loginAt),
        host_name: session.hostName,
        program_name: session.application,
        login_name: session.login.user,
        status: session.request ? 'running' : 'sleeping',
        is_user_process: 1,
        database_id: databaseId(factsOf(frame), session.database),
      })),
  },
}
