import { utcNow, type Engine, type Session } from './engine.ts'
import { EngineError, syntaxError } from './errors.ts'
import { runBatch, unknownProcedure } from './run/batch.ts'
import type { Frame, Sink } from './run/frame.ts'
import { bare, int, type Value } from './values.ts'
import { serverName } from './versions.ts'
import type { Parameter, ProcedureCall } from './wire/requests.ts'
import {
  columnMetadata,
  doneStatus,
  doneToken,
  environmentChange,
  errorToken,
  infoToken,
  resetAcknowledged,
  returnStatus,
  returnValue,
  rowToken,
  type Column,
} from './wire/tokens.ts'

export interface Client {
  engine: Engine
  session: Session
  signal: AbortSignal
  compressNulls: boolean
  /** The session's settings are to be fresh. */
  reset: boolean
  /** Part of the answer; the end is returned. */
  send(data: Buffer): void
  /** Statements that the client had prepared, by handle. */
  prepared: Map<number, string>
}

type Log = (sql: string, parameters: Record<string, unknown>) => void

/** Runs a batch. Returns the last tokens of the answer. */
export async function answerBatch(sql: string, client: Client, log: Log): Promise<Buffer> {
  log(sql, {})
  const ok = await run(sql, [], client, 'done')
  return ok === 'cancelled' ? cancelled() : doneToken('done', ok === 'failed' ? doneStatus.error : doneStatus.final)
}

/** Runs a procedure call: what drivers use to send a statement with parameters. */
export async function answerCall(call: ProcedureCall, client: Client, log: Log): Promise<Buffer> {
  const name = call.procedure.toLowerCase().replace(/^(?:master|msdb)?\.?(?:dbo|sys)?\.?/, '')
  const [first, second] = call.parameters
  const handleOf = (): number => Number(bare(first?.value ?? null) ?? 0)
  const statementOf = (parameter: Parameter | undefined): string => String(bare(parameter?.value ?? null))
  switch (name) {
    case 'sp_executesql':
      return statement(statementOf(first), declared(statementOf(second), call.parameters.slice(2)), client, log)
    case 'sp_prepare':
      return prepare(statementOf(call.parameters[2]), client)
    case 'sp_prepexec': {
      const handleToken = remember(statementOf(call.parameters[2]), client)
      client.send(returnValue(0, '@handle', int, handleToken))
      return statement(
        statementOf(call.parameters[2]),
        declared(statementOf(second), call.parameters.slice(3)),
        client,
        log,
      )
    }
    case 'sp_execute': {
      const sql = client.prepared.get(handleOf())
      if (sql === undefined)
        return failed(new EngineError(8179, `Could not find prepared statement with handle ${handleOf()}.`), client)
      return statement(sql, call.parameters.slice(1), client, log)
    }
    case 'sp_unprepare':
      client.prepared.delete(handleOf())
      return Buffer.concat([returnStatus(0), doneToken('procedure', doneStatus.final)])
    default:
      log(`EXECUTE ${call.procedure}`, {})
      return failed(unknownProcedure(call.procedure), client)
  }
}

/** Parameters without names take those of the declaration, in order. */
function declared(declaration: string, parameters: Parameter[]): Parameter[] {
  const names = [...declaration.matchAll(/@[\p{L}\p{N}_#$@]+/gu)].map(([name]) => name)
  return parameters.map((parameter, index) => ({
    ...parameter,
    name: parameter.name === '' ? (names[index] ?? '') : parameter.name,
  }))
}

async function statement(sql: string, parameters: Parameter[], client: Client, log: Log): Promise<Buffer> {
  log(sql, Object.fromEntries(parameters.map(({ name, value }) => [name.replace(/^@/, ''), plain(value)])))
  const ok = await run(sql, parameters, client, 'inProcedure')
  if (ok === 'cancelled') return cancelled()
  return Buffer.concat([
    returnStatus(ok === 'failed' ? 1 : 0),
    doneToken('procedure', ok === 'failed' ? doneStatus.error : doneStatus.final),
  ])
}

function plain(value: Value): unknown {
  const inner = bare(value)
  return typeof inner === 'bigint' ? String(inner) : inner
}

function remember(sql: string, client: Client): number {
  const handle = client.prepared.size + 1
  client.prepared.set(handle, sql)
  return handle
}

function prepare(sql: string, client: Client): Buffer {
  return Buffer.concat([
    returnStatus(0),
    returnValue(0, '@handle', int, remember(sql, client)),
    doneToken('procedure', doneStatus.final),
  ])
}

function failed(error: EngineError, client: Client): Buffer {
  return Buffer.concat([errorToken(error, serverName(client.engine.facts())), doneToken('procedure', doneStatus.error)])
}

function cancelled(): Buffer {
  return doneToken('done', doneStatus.error)
}

/** The statements themselves: `kind` is how the end of each is told. */
async function run(
  sql: string,
  parameters: Parameter[],
  client: Client,
  kind: 'done' | 'inProcedure',
): Promise<'ok' | 'failed' | 'cancelled'> {
  const { engine, session } = client
  if (client.reset) {
    session.database = session.homeDatabase
    client.send(resetAcknowledged())
  }
  session.request = {
    sql,
    command: 'SELECT',
    database: session.database,
    startedAt: utcNow(engine.facts()),
    percent: 0,
  }
  const frame: Frame = {
    engine,
    session,
    variables: new Map(parameters.map(({ name, type, value }) => [name.toLowerCase(), { type, value }])),
    rowCount: 0,
    now: session.request.startedAt,
    sink: sinkOf(client, kind),
    signal: client.signal,
  }
  try {
    return (await runBatch(sql, frame)) ? 'ok' : 'failed'
  } catch (error) {
    if (client.signal.aborted) return 'cancelled'
    // A fault of the simulation itself: told as the engine tells what it cannot do.
    frame.sink.error(
      error instanceof EngineError ? error : syntaxError(error instanceof Error ? error.message : 'request'),
    )
    return 'failed'
  } finally {
    session.request = null
  }
}

function sinkOf(client: Client, kind: 'done' | 'inProcedure'): Sink {
  const server = serverName(client.engine.facts())
  let current: readonly Column[] = []
  return {
    columns(columns) {
      current = columns
      client.send(columnMetadata(columns))
    },
    row: (values) => client.send(rowToken(current, values, client.compressNulls)),
    done: (count) =>
      client.send(doneToken(kind, doneStatus.more | (count === null ? 0 : doneStatus.count), count ?? 0)),
    error(error) {
      for (const each of [error, ...error.also]) client.send(errorToken(each, server))
      client.send(doneToken(kind, doneStatus.more | doneStatus.error))
    },
    info: (number, text) => client.send(infoToken(number, text, server)),
    database(name, previous) {
      client.send(environmentChange('database', name, previous))
      client.send(infoToken(5701, `Changed database context to '${name}'.`, server))
    },
  }
}
