import { utcNow, type Engine, type Session } from './engine.ts'
import { EngineError } from './errors.ts'
import { isExecuteSql, runBatch } from './run/batch.ts'
import type { Frame, Sink } from './run/frame.ts'
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
  rowToken,
  type Column,
} from './wire/tokens.ts'

export interface Client {
  engine: Engine
  session: Session
  signal: AbortSignal
  /** The session's settings are to be fresh. */
  reset: boolean
  /** Part of the answer; the end is returned. */
  send(data: Buffer): void
}

type Log = (sql: string, parameters: Record<string, unknown>) => void

/** Runs a batch. Returns the last tokens of the answer. */
export async function answerBatch(sql: string, client: Client, log: Log): Promise<Buffer> {
  log(sql, {})
  const outcome = await run(sql, [], client, 'done')
  return doneToken('done', outcome === 'ok' ? doneStatus.final : doneStatus.error)
}

/** Runs a procedure call: `sp_executesql`, by which drivers send a statement with parameters. */
export async function answerCall(call: ProcedureCall, client: Client, log: Log): Promise<Buffer> {
  if (!isExecuteSql(call.procedure)) {
    log(`EXECUTE ${call.procedure}`, {})
    const error = errorToken(new EngineError(2812, call.procedure), serverName(client.engine.facts()))
    return Buffer.concat([error, doneToken('procedure', doneStatus.error)])
  }
  const [sql, declaration, ...values] = call.parameters
  const text = String(sql?.value ?? '')
  const parameters = named(String(declaration?.value ?? ''), values)
  log(text, Object.fromEntries(parameters.map(({ name, value }) => [name.replace(/^@/, ''), plain(value)])))
  const outcome = await run(text, parameters, client, 'inProcedure')
  if (outcome === 'cancelled') return doneToken('done', doneStatus.error)
  const done = doneToken('procedure', outcome === 'ok' ? doneStatus.final : doneStatus.error)
  return Buffer.concat([returnStatus(outcome === 'ok' ? 0 : 1), done])
}

/** Parameters without names take those of the declaration, in order. */
function named(declaration: string, parameters: Parameter[]): Parameter[] {
  const names = [...declaration.matchAll(/@[\p{L}\p{N}_#$@]+/gu)].map(([name]) => name)
  return parameters.map((parameter, index) => ({ ...parameter, name: parameter.name || (names[index] ?? '') }))
}

function plain(value: Parameter['value']): unknown {
  return typeof value === 'bigint' ? String(value) : value
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
  const now = utcNow(engine.facts())
  session.request = { command: 'SELECT', database: session.database, startedAt: now, percent: 0 }
  const variables: Frame['variables'] = new Map(
    parameters.map(({ name, type, value }) => [name.toLowerCase(), { type, value }]),
  )
  const frame: Frame = { engine, session, variables, now, sink: sinkOf(client, kind), signal: client.signal }
  try {
    return (await runBatch(sql, frame)) ? 'ok' : 'failed'
  } catch (error) {
    if (client.signal.aborted) return 'cancelled'
    // A fault of the simulation itself: told as the engine tells what it cannot do.
    frame.sink.error(new EngineError(102, error instanceof Error ? error.message : 'request'))
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
    row: (values) => client.send(rowToken(current, values)),
    done: (count) =>
      client.send(doneToken(kind, doneStatus.more | (count === null ? 0 : doneStatus.count), count ?? 0)),
    error(error) {
      for (const each of [error, ...error.also]) client.send(errorToken(each, server))
      client.send(doneToken(kind, doneStatus.more | doneStatus.error))
    },
    info: (number, ...values) => client.send(infoToken(number, values, server)),
    database(name, previous) {
      client.send(environmentChange('database', name, previous))
      client.send(infoToken(5701, [name], server))
    },
  }
}
