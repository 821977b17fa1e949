import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { certify } from './certificates.ts'

/** A real HTTPS server on loopback that lets the real `git http-backend` answer, behind a login where one is set. */
export interface GitServer extends AsyncDisposable {
  /** Address of the repository of that name below the folder that is served. */
  url(name: string): string
  /** File of the authority that signed the server's certificate. */
  ca: string
  /** From now on only this login is let in; null: everybody. */
  login: { username: string; password: string } | null
  /** From now on every request is answered with this status, or never; null: as it should be. */
  instead: number | 'silence' | null
  /** Called for each request, while the client waits. */
  onRequest: (user: string | null) => void
}

export async function startGitServer(folder: string): Promise<GitServer> {
  const { certificate, key, ca } = await certify(['localhost'])
  const own = mkdtempSync(join(tmpdir(), 'holdfast-git-server-'))
  writeFileSync(join(own, 'ca.pem'), ca)
  const server = createServer({ cert: certificate, key }, (request, response) => {
    const given = loginOf(request)
    const { login, instead, onRequest } = settings
    onRequest(given?.username ?? null)
    if (instead === 'silence') return
    if (instead !== null) response.writeHead(instead).end()
    else if (login && (given?.username !== login.username || given.password !== login.password))
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="Contoso"' }).end()
    else askBackend(folder, request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const settings: GitServer = {
    url: (name) => `https://localhost:${port}/${name}`,
    ca: join(own, 'ca.pem'),
    login: null,
    instead: null,
    onRequest: () => {},
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      rmSync(own, { recursive: true, force: true })
    },
  }
  return settings
}

function loginOf({ headers }: IncomingMessage): { username: string; password: string } | null {
  const coded = /^Basic (.+)$/.exec(headers.authorization ?? '')?.[1]
  if (coded === undefined) return null
  const [username = '', ...password] = Buffer.from(coded, 'base64').toString().split(':')
  return { username, password: password.join(':') }
}

/** By CGI: the head of the answer ends at the first empty line. */
function askBackend(folder: string, request: IncomingMessage, response: ServerResponse): void {
  const { pathname, search } = new URL(request.url ?? '/', 'https://localhost')
  const backend = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'],
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: decodeURIComponent(pathname),
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  request.pipe(backend.stdin)
  const parts: Buffer[] = []
  backend.stdout.on('data', (part: Buffer) => parts.push(part))
  backend.on('close', () => {
    const answer = Buffer.concat(parts)
    const end = answer.indexOf('\r\n\r\n')
    const fields = answer
      .toString('latin1', 0, end)
      .split('\r\n')
      .map((line) => line.split(': '))
    for (const [name = '', value = ''] of fields)
      if (name === 'Status') response.statusCode = Number.parseInt(value, 10)
      else response.setHeader(name, value)
    response.end(answer.subarray(end + 4))
  })
}
