import { decode, encode, type Answer } from 'dns-packet'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { createServer } from 'node:tls'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { Problem } from '../../../src/base/problem.ts'
import { openNetwork } from '../../../src/drivers/network/network.ts'
import { certify, type Certified } from '../../support/certificates.ts'

const never = new AbortController().signal
const open: { close(): void }[] = []
afterEach(() => {
  for (const one of open.splice(0)) one.close()
})

async function failure(work: Promise<unknown>): Promise<Problem> {
  const thrown: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(thrown instanceof Problem)) throw new Error(`no Problem: ${String(thrown)}`)
  return thrown
}

describe('names', () => {
  const zone: Record<string, Answer[]> = {
    'A pool01.contoso.com': [
      { type: 'A', name: 'pool01.contoso.com', data: '10.0.0.12' },
      { type: 'A', name: 'pool01.contoso.com', data: '10.0.0.11' },
    ],
    'AAAA pool01.contoso.com': [{ type: 'AAAA', name: 'pool01.contoso.com', data: 'fd00::11' }],
    'SRV _sip._tls.contoso.com': [
      {
        type: 'SRV',
        name: '_sip._tls.contoso.com',
        data: { priority: 10, weight: 5, port: 443, target: 'SIP.contoso.com' },
      },
    ],
    'A only4.contoso.com': [{ type: 'A', name: 'only4.contoso.com', data: '10.0.0.4' }],
  }

  /** `fail`: name -> response code instead of an answer; null: silence. */
  async function serve(fail: Record<string, number | null> = {}): Promise<ReturnType<typeof openNetwork>> {
    const socket: Socket = createSocket('udp4')
    socket.on('message', (bytes, from) => {
      const query = decode(bytes)
      const question = query.questions?.[0]
      if (!question) return
      const key = `${question.type} ${question.name}`
      const code = fail[key]
      if (code === null) return
      const exists = Object.keys(zone).some((known) => known.endsWith(` ${question.name}`))
      const answers = zone[key] ?? []
      const flags = code ?? (exists ? 0 : 3)
      const { id, questions } = query
      socket.send(
        encode({ type: 'response', ...(id === undefined ? {} : { id }), flags, questions: questions ?? [], answers }),
        from.port,
      )
    })
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    open.push(socket)
    return openNetwork({ dns: { servers: [`127.0.0.1:${socket.address().port}`] }, hosts: {} })
  }

  test('have addresses of both kinds, sorted', async () => {
    const network = await serve()
    expect(await network.resolve('pool01.contoso.com', 'A', never)).toEqual(['10.0.0.11', '10.0.0.12', 'fd00::11'])
    expect(await network.resolve('only4.contoso.com', 'A', never)).toEqual(['10.0.0.4'])
  })

  test('have services as priority, weight, port and target', async () => {
    const network = await serve()
    expect(await network.resolve('_sip._tls.contoso.com', 'SRV', never)).toEqual(['10 5 443 sip.contoso.com'])
  })

  test('that do not exist have no answers', async () => {
    const network = await serve()
    expect(await network.resolve('gone.contoso.com', 'A', never)).toEqual([])
    expect(await network.resolve('_gone._tls.contoso.com', 'SRV', never)).toEqual([])
  })

  test.each([
    ['a server that fails', { 'A pool01.contoso.com': 2 }],
    ['one that fails for one kind of address', { 'AAAA pool01.contoso.com': 2 }],
    ['one that refuses', { 'A pool01.contoso.com': 5 }],
  ])('are not known after %s', async (_, fail) => {
    const network = await serve(fail)
    const problem = await failure(network.resolve('pool01.contoso.com', 'A', never))
    expect(problem.code).toBe('dns-failed')
    expect(problem.subject).toBe('pool01.contoso.com')
  })

  test('are given up when the signal says so', async () => {
    const network = await serve({ 'A pool01.contoso.com': null, 'AAAA pool01.contoso.com': null })
    const stop = new AbortController()
    const answer = network.resolve('pool01.contoso.com', 'A', stop.signal)
    stop.abort(new Error('enough'))
    await expect(answer).rejects.toThrow('enough')
  })

  test('cannot be asked of a server that is no address', async () => {
    const network = openNetwork({ dns: { servers: ['dns.contoso.com'] }, hosts: {} })
    expect((await failure(network.resolve('pool01.contoso.com', 'A', never))).code).toBe('dns-failed')
  })
})

describe('certificates', () => {
  let good: Certified
  let expired: Certified
  beforeAll(async () => {
    good = await certify(['pool01.contoso.com', 'sip.contoso.com'])
    expired = await certify(['old.contoso.com'], new Date('2020-01-01T00:00:00Z'), new Date('2021-06-30T12:00:00Z'))
  })

  async function listen(certified: Certified): Promise<{ port: number; asked: () => string | null }> {
    let asked: string | null = null
    const server = createServer({
      cert: certified.certificate,
      key: certified.key,
      SNICallback(name, done) {
        asked = name
        done(null)
      },
    })
    server.on('tlsClientError', () => {}).on('secureConnection', (socket) => socket.on('error', () => {}))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    open.push(server)
    return { port: (server.address() as AddressInfo).port, asked: () => asked }
  }

  const at = (port: number): ReturnType<typeof openNetwork> =>
    openNetwork({
      dns: { servers: [] },
      hosts: { 'pool01.contoso.com': { address: '127.0.0.1', ports: { 5061: port }, sql: null } },
    })

  test('are read from where the host really is, by its name, whoever issued them', async () => {
    const { port, asked } = await listen(good)
    const facts = await at(port).certificate('Pool01.contoso.com', 5061, never)
    expect(facts).toEqual({
      port: 5061,
      subject: 'CN=pool01.contoso.com, O=Contoso',
      names: ['pool01.contoso.com', 'sip.contoso.com'],
      issuer: 'CN=Contoso Test CA',
      thumbprint: expect.stringMatching(/^[0-9A-F]{40}$/) as string,
      expiresAt: '2036-01-01T00:00:00.000Z',
    })
    expect(asked()).toBe('Pool01.contoso.com')
  })

  test('are read when they have expired too', async () => {
    const { port } = await listen(expired)
    const facts = await at(port).certificate('pool01.contoso.com', 5061, never)
    expect(facts.expiresAt).toBe('2021-06-30T12:00:00.000Z')
  })

  test('cannot be read where nobody listens', async () => {
    const problem = await failure(at(1).certificate('pool01.contoso.com', 5061, never))
    expect(problem.code).toBe('tls-failed')
    expect(problem.message).toContain('ECONNREFUSED')
  })

  test('cannot be read from a listener that speaks no TLS', async () => {
    const server = createTcpServer((socket) => socket.end('220 mail.contoso.com\r\n')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    open.push(server)
    const { port } = server.address() as AddressInfo
    expect((await failure(at(port).certificate('pool01.contoso.com', 5061, never))).code).toBe('tls-failed')
  })

  test('are not waited for when the signal says so', async () => {
    const server = createTcpServer(() => {}).listen(0, '127.0.0.1')
    await once(server, 'listening')
    open.push(server)
    const stop = new AbortController()
    const facts = at((server.address() as AddressInfo).port).certificate('pool01.contoso.com', 5061, stop.signal)
    stop.abort(new Error('enough'))
    await expect(facts).rejects.toThrow('enough')
  })
})

describe('connections', () => {
  const at = (address: string, port: number): ReturnType<typeof openNetwork> =>
    openNetwork({ dns: { servers: [] }, hosts: { 'fe01.contoso.com': { address, ports: { 445: port }, sql: null } } })

  test('are accepted where the host really is, and closed at once', async () => {
    const closed = Promise.withResolvers<undefined>()
    const server = createTcpServer((socket) => {
      socket.on('close', () => closed.resolve(undefined)).resume()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    open.push(server)
    const { port } = server.address() as AddressInfo
    expect(await at('127.0.0.1', port).accepts('FE01.contoso.com', 445, never)).toBe(true)
    await closed.promise
  })

  test('that are refused are no answer', async () => {
    expect(await at('127.0.0.1', 1).accepts('fe01.contoso.com', 445, never)).toBe(false)
  })

  test('to a name without an address were never tried', async () => {
    const problem = await failure(at('nowhere.invalid', 445).accepts('fe01.contoso.com', 445, never))
    expect(problem).toMatchObject({ code: 'tcp-failed', subject: 'fe01.contoso.com' })
  })

  test('are not waited for when the signal says so', async () => {
    const stop = new AbortController()
    const answer = at('192.0.2.1', 445).accepts('fe01.contoso.com', 445, stop.signal)
    stop.abort(new Error('enough'))
    await expect(answer).rejects.toThrow('enough')
  })
})
