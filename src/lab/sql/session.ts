import type { Socket } from 'node:net'
import { databaseId, databaseName, findDatabase, utcNow, type Engine, type Session } from './engine.ts'
import { EngineError } from './errors.ts'
import { checkOpen } from './catalogue/resolve.ts'
import { answerBatch, answerCall, type Client } from './answer.ts'
import { releaseOf, serverName } from './versions.ts'
import { createAssembler, packetType, packetsOf, type Message } from './wire/packets.ts'
import { readLogin, type Login } from './wire/login.ts'
import { chooseEncryption, encryption, preloginAnswer, readPrelogin } from './wire/prelogin.ts'
import { readBatch, readCall } from './wire/requests.ts'
import { secureLayer, type SecureLayer, type ServerCertificate } from './wire/secure.ts'
import {
  collationChange,
  doneStatus,
  doneToken,
  environmentChange,
  errorToken,
  infoToken,
  loginAck,
  sspiToken,
} from './wire/tokens.ts'

export interface Served {
  at: string
  instance: string
  user: string
  sql: string
  parameters: Record<string, unknown>
}

const oldest = 0x72090002

/** Serves one connection until it ends. */
export function serveConnection(
  socket: Socket,
  engine: Engine,
  certificate: ServerCertificate | null,
  record: (entry: Served) => void,
): void {
  let tls: SecureLayer | null = null
  let agreed: number = encryption.notSupported
  let session: Session | null = null
  let running: AbortController | null = null
  let packetSize = 4096
  let nextPacket = 1
  let queue = Promise.resolve()

  const send = (data: Buffer, last: boolean): void => {
    const { bytes, next } = packetsOf(packetType.response, data, packetSize, nextPacket, last)
    nextPacket = last ? 1 : next
    if (tls) tls.send(bytes)
    else socket.write(bytes)
  }
  const assemble = createAssembler(receive)

  socket.on('data', (bytes) => {
    try {
      if (tls) tls.receive(bytes)
      else assemble(bytes)
    } catch {
      socket.destroy()
    }
  })
  socket.on('error', () => socket.destroy())
  socket.on('close', () => {
    running?.abort(new Error('the client is gone'))
    if (session && !running) engine.sessions.delete(session.id)
  })

  function receive(message: Message): void {
    if (message.type === packetType.prelogin) {
      prelogin(message.data)
      return
    }
    if (message.type === packetType.attention) {
      attention()
      return
    }
    if (message.type === packetType.login) {
      login(message.data)
      return
    }
    if (!session) return void socket.destroy()
    const known = session
    queue = queue.then(() => serve(message, known)).catch(() => void socket.destroy())
  }

  function prelogin(data: Buffer): void {
    agreed = chooseEncryption(readPrelogin(data), certificate !== null)
    send(preloginAnswer(releaseOf(engine.facts()), agreed), true)
    if (agreed !== encryption.notSupported && certificate)
      tls = secureLayer(
        certificate,
        (bytes) => void socket.write(bytes),
        (bytes) => assemble(bytes),
        () => socket.destroy(),
      )
  }

  function attention(): void {
    if (running) running.abort(cancelledByClient)
    else send(doneToken('done', doneStatus.attention), true)
  }

  function login(data: Buffer): void {
    const { wanted, answer } = identify(readLogin(data), engine)
    // Encryption of the login only: what follows is plain again.
    if (agreed === encryption.off) tls = null
    const facts = engine.facts()
    const refusal = wanted.integrated && answer === null ? [new EngineError(18452)] : refuse(wanted, engine)
    if (refusal) {
      send(
        Buffer.concat([
          ...refusal.map((error) => errorToken(error, serverName(facts))),
          doneToken('done', doneStatus.error),
        ]),
        true,
      )
      socket.end()
      return
    }
    // Before 7.2 every token looks otherwise.
    if (wanted.tds < oldest) return void socket.destroy()
    session = openSession(wanted, engine, socket, () => running?.abort(new Error('killed')))
    const previousSize = packetSize
    const nextSize = Math.min(Math.max(wanted.packetSize, 512), 32_767) || 4096
    send(
      Buffer.concat([
        environmentChange('database', session.database, 'master'),
        infoToken(5701, [session.database], serverName(facts)),
        collationChange(),
        environmentChange('language', 'us_english', ''),
        infoToken(5703, [], serverName(facts)),
        ...(answer ? [sspiToken(answer)] : []),
        loginAck(Math.min(wanted.tds, releaseOf(facts).tds), releaseOf(facts)),
        environmentChange('packetSize', String(nextSize), String(previousSize)),
        doneToken('done', doneStatus.final),
      ]),
      true,
    )
    packetSize = nextSize
  }

  async function serve(message: Message, of: Session): Promise<void> {
    running = new AbortController()
    const client: Client = {
      engine,
      session: of,
      signal: running.signal,
      reset: message.reset,
      send: (data) => send(data, false),
    }
    const log = (sql: string, parameters: Record<string, unknown>): void => {
      const facts = engine.facts()
      record({
        at: new Date().toISOString(),
        instance: `${facts.host}\\${facts.instance}`,
        user: of.login.user,
        sql,
        parameters,
      })
    }
    try {
      const ending = await answer(message, client, log).catch((error: unknown) => {
        if (!(error instanceof EngineError)) throw error
        return Buffer.concat([errorToken(error, serverName(engine.facts())), doneToken('done', doneStatus.error)])
      })
      send(ending, true)
      // Each message of the client has an answer of its own: first that of the request, then that of the attention.
      if (running.signal.reason === cancelledByClient) send(doneToken('done', doneStatus.attention), true)
    } finally {
      running = null
      if (socket.destroyed) engine.sessions.delete(of.id)
    }
  }
}

const cancelledByClient = new Error('cancelled by the client')

async function answer(message: Message, client: Client, log: Parameters<typeof answerBatch>[2]): Promise<Buffer> {
  if (message.type === packetType.batch) return answerBatch(readBatch(message.data), client, log)
  if (message.type === packetType.rpc) return answerCall(readCall(message.data), client, log)
  throw new EngineError(3989)
}

/** A login by Windows becomes one of the account that Windows names; `answer` is for Windows of the client. */
function identify(wanted: Login, engine: Engine): { wanted: Login; answer: Buffer | null } {
  const known = wanted.integrated ? engine.domain(wanted.token) : null
  return known ? { wanted: { ...wanted, user: known.account }, answer: known.answer } : { wanted, answer: null }
}

/** Why a login is refused (one by Windows is proved by then), as the client may know it: the true state stands in the server's log only. */
function refuse(wanted: Login, engine: Engine): EngineError[] | null {
  const facts = engine.facts()
  const failed = new EngineError(18456, wanted.user)
  const login = facts.logins.find((known) => known.user.toLowerCase() === wanted.user.toLowerCase())
  const proved = wanted.integrated || login?.password === wanted.password
  if (!login || !proved || facts.faults.refuseLogin) return [failed]
  if (wanted.database === '') return null
  const cannotOpen = new EngineError(4060, wanted.database)
  if (databaseId(facts, wanted.database) === null) return [cannotOpen, failed]
  try {
    checkOpen(findDatabase(facts, wanted.database))
    return null
  } catch {
    return [cannotOpen, failed]
  }
}

const firstUserSession = 51

function openSession(wanted: Login, engine: Engine, socket: Socket, stop: () => void): Session {
  const facts = engine.facts()
  let id = firstUserSession
  while (engine.sessions.has(id)) id += 1
  const login = facts.logins.find((known) => known.user.toLowerCase() === wanted.user.toLowerCase())
  const database = databaseName(facts, databaseId(facts, wanted.database) ?? 1) ?? 'master'
  const session: Session = {
    id,
    login: login ?? { user: wanted.user, password: '', sysadmin: false },
    database,
    homeDatabase: database,
    application: wanted.application,
    hostName: wanted.hostName,
    loginAt: utcNow(facts),
    request: null,
    drop: () => void socket.destroy(),
    kill() {
      stop()
      socket.destroy()
    },
  }
  engine.sessions.set(id, session)
  return session
}
