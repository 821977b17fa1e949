/**
 * A Kerberos realm on this machine, as a domain has: the KDC of MIT, an account that is logged in, and the service of an SQL
 * Server, whose part is from the standards (RFC 3961, 3962, 4120, 4121) and not from the client's library.
 */
import { execFile, spawn } from 'node:child_process'
import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Domain } from '../../src/lab/sql/engine.ts'
import { freePort } from './free-port.ts'
import { pathOf } from './programs.ts'
import { until } from './until.ts'

const realm = 'CONTOSO.COM'
const run = promisify(execFile)

export interface Realm extends AsyncDisposable {
  /** What a process of the account finds its ticket by. */
  environment: Record<string, string>
  /** The service's side. */
  domain: Domain
}

/** `service` as in its SPN, `account` without the domain. */
export async function startRealm(folder: string, service: string, account: string): Promise<Realm> {
  const port = await freePort()
  const file = (name: string): string => join(folder, name)
  await writeFile(
    file('krb5.conf'),
    `[libdefaults]
 default_realm = ${realm}
 dns_lookup_kdc = false
 dns_canonicalize_hostname = false
 rdns = false
 permitted_enctypes = aes256-cts-hmac-sha1-96
 udp_preference_limit = 1
[realms]
 ${realm} = {
  kdc = 127.0.0.1:${port}
 }
`,
  )
  await writeFile(
    file('kdc.conf'),
    `[realms]
 ${realm} = {
  database_name = ${file('principal')}
  key_stash_file = ${file('stash')}
  kdc_listen = 127.0.0.1:${port}
  kdc_tcp_listen = 127.0.0.1:${port}
  supported_enctypes = aes256-cts-hmac-sha1-96:normal
 }
`,
  )
  const environment = { KRB5_CONFIG: file('krb5.conf'), KRB5CCNAME: `FILE:${file('tickets')}` }
  const env = { ...process.env, ...environment, KRB5_KDC_PROFILE: file('kdc.conf') }
  const admin = (query: string): Promise<unknown> => run(program('kadmin.local'), ['-r', realm, '-q', query], { env })
  await run(program('kdb5_util'), ['create', '-s', '-P', randomBytes(16).toString('hex'), '-r', realm], { env })
  await admin(`addprinc -randkey ${account}`)
  await admin(`ktadd -k ${file('account.keytab')} ${account}`)
  await admin(`addprinc -randkey ${service}`)
  await admin(`ktadd -k ${file('service.keytab')} ${service}`)
  const kdc = spawn(program('krb5kdc'), ['-n', '-r', realm], { env, stdio: 'ignore' })
  await until(() => answers(port))
  await run(program('kinit'), ['-k', '-t', file('account.keytab'), account], { env })
  const key = keyOf(await readFile(file('service.keytab')))
  return {
    environment,
    domain: (token) => accept(token, key),
    async [Symbol.asyncDispose]() {
      kdc.kill()
      if (kdc.exitCode === null) await once(kdc, 'exit')
    },
  }
}

function program(name: string): string {
  return pathOf(name) ?? name
}

async function answers(port: number): Promise<true | undefined> {
  const socket = connect(port, '127.0.0.1')
  const connected = once(socket, 'connect').then(
    () => true as const,
    () => undefined,
  )
  return await connected.finally(() => socket.destroy())
}

const aes256 = Buffer.from([0, 18, 0, 32])

/** The key in a keytab with one entry. */
function keyOf(keytab: Buffer): Buffer {
  const at = keytab.indexOf(aes256) + aes256.length
  return keytab.subarray(at, at + 32)
}

const apRequest = Buffer.from([1, 0])
const apReply = Buffer.from([2, 0])
const usage = { ticket: 2, authenticator: 11, reply: 12 }

/** Opens an AP-REQ by the service's key, and answers that it could (RFC 4120, 3.2; its framing is RFC 4121, 4.1). */
function accept(token: Buffer, key: Buffer): ReturnType<Domain> {
  try {
    const [oid, rest] = split(read(token).body)
    if (!rest.subarray(0, 2).equals(apRequest)) return null
    const request = sequence(read(rest.subarray(2)).body)
    const ticket = sequence(read(field(request, 3)).body)
    const granted = sequence(read(decrypt(cipherOf(field(ticket, 3)), key, usage.ticket)).body)
    const session = read(field(sequence(field(granted, 1)), 1)).body
    const shown = sequence(read(decrypt(cipherOf(field(request, 4)), session, usage.authenticator)).body)
    const [user] = [...elements(read(field(sequence(field(shown, 2)), 1)).body)]
    if (!user || !field(granted, 3).equals(field(shown, 2))) return null
    const part = write(0x7b, write(0x30, write(0xa0, field(shown, 5)), write(0xa1, field(shown, 4))))
    const encrypted = write(
      0x30,
      write(0xa0, Buffer.from([2, 1, 18])),
      write(0xa2, write(0x04, encrypt(part, session, usage.reply))),
    )
    const reply = write(
      0x6f,
      write(0x30, write(0xa0, Buffer.from([2, 1, 5])), write(0xa1, Buffer.from([2, 1, 15])), write(0xa2, encrypted)),
    )
    const answer = write(0x60, oid, apReply, reply)
    return { account: `CONTOSO\\${read(user).body.toString('latin1')}`, answer }
  } catch {
    return null // no such token, or one of another key
  }
}

/** The first element of DER, and what follows it. */
function split(der: Buffer): [Buffer, Buffer] {
  const { end } = read(der)
  return [der.subarray(0, end), der.subarray(end)]
}

function read(der: Buffer): { tag: number; body: Buffer; end: number } {
  const first = der.readUInt8(1)
  const extra = first < 0x80 ? 0 : first & 0x7f
  const length = extra === 0 ? first : der.readUIntBE(2, extra)
  const end = 2 + extra + length
  if (end > der.length) throw new RangeError('cut')
  return { tag: der.readUInt8(0), body: der.subarray(2 + extra, end), end }
}

function* elements(body: Buffer): Generator<Buffer> {
  for (let rest = body; rest.length > 0;) {
    const [element, next] = split(rest)
    yield element
    rest = next
  }
}

type Fields = Map<number, Buffer>

/** The fields of a SEQUENCE by their number. */
function sequence(der: Buffer): Fields {
  return new Map([...elements(read(der).body)].map((element) => [read(element).tag & 0x1f, read(element).body]))
}

function field(fields: Fields, number: number): Buffer {
  const found = fields.get(number)
  if (!found) throw new RangeError('no such field')
  return found
}

function cipherOf(encryptedData: Buffer): Buffer {
  return read(field(sequence(encryptedData), 2)).body
}

function write(tag: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const length =
    body.length < 0x80
      ? [body.length]
      : body.length < 0x100
        ? [0x81, body.length]
        : [0x82, body.length >> 8, body.length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...length]), body])
}

const block = 16
const macLength = 12
const none = Buffer.alloc(block)

/** aes256-cts-hmac-sha1-96 (RFC 3962). */
function encrypt(plain: Buffer, key: Buffer, use: number): Buffer {
  const text = Buffer.concat([randomBytes(block), plain])
  const cipher = createCipheriv('aes-256-cbc', derive(key, use, 0xaa), none).setAutoPadding(false)
  const blocks = cipher.update(Buffer.concat([text, Buffer.alloc((block - (text.length % block)) % block)]))
  const last = blocks.length - block
  const stolen = Buffer.concat([
    blocks.subarray(0, last - block),
    blocks.subarray(last),
    blocks.subarray(last - block, last),
  ])
  return Buffer.concat([stolen.subarray(0, text.length), mac(text, key, use)])
}

function decrypt(data: Buffer, key: Buffer, use: number): Buffer {
  const text = data.subarray(0, data.length - macLength)
  const inner = derive(key, use, 0xaa)
  const rest = text.length % block || block
  const last = text.length - rest
  const open = (bytes: Buffer, chain: Buffer): Buffer =>
    createDecipheriv('aes-256-cbc', inner, chain).setAutoPadding(false).update(bytes)
  const middle = open(text.subarray(last - block, last), none)
  const tail = xor(middle.subarray(0, rest), text.subarray(last))
  const before = Buffer.concat([text.subarray(0, last - block), text.subarray(last), middle.subarray(rest)])
  const plain = Buffer.concat([open(before, none), tail])
  if (!timingSafeEqual(mac(plain, key, use), data.subarray(data.length - macLength))) throw new RangeError('wrong key')
  return plain.subarray(block)
}

function xor(a: Buffer, b: Buffer): Buffer {
  return Buffer.from(a.map((byte, index) => byte ^ (b[index] ?? 0)))
}

function mac(text: Buffer, key: Buffer, use: number): Buffer {
  return createHmac('sha1', derive(key, use, 0x55))
    .update(text)
    .digest()
    .subarray(0, macLength)
}

/** DK (RFC 3961, 5.1). */
function derive(key: Buffer, use: number, purpose: number): Buffer {
  const step = (input: Buffer): Buffer => createCipheriv('aes-256-ecb', key, null).setAutoPadding(false).update(input)
  const first = step(fold(Buffer.from([0, 0, 0, use, purpose]), block))
  return Buffer.concat([first, step(first)])
}

/** n-fold (RFC 3961, 5.1): copies of the input, each turned right by 13 bits more, added with the carry brought round. */
function fold(input: Buffer, size: number): Buffer {
  const copies: number[] = []
  const bits = input.length * 8
  const bit = (index: number): number => ((input[index >> 3] ?? 0) >> (7 - (index & 7))) & 1
  for (let copy = 0; copy * input.length < size * input.length; copy++)
    for (let byte = 0; byte < input.length; byte++) {
      let value = 0
      for (let at = 0; at < 8; at++) value = (value << 1) | bit((((byte * 8 + at - 13 * copy) % bits) + bits) % bits)
      copies.push(value)
    }
  const wide = copies.slice(0, lcm(input.length, size))
  const sum = new Array<number>(size).fill(0)
  for (let at = 0; at < wide.length; at++) sum[at % size] = (sum[at % size] ?? 0) + (wide[at] ?? 0)
  for (let carry = 0, round = 0; round < 3 || carry > 0; round++) {
    for (let at = size - 1; at >= 0; at--) {
      const value = (sum[at] ?? 0) + carry
      sum[at] = value & 0xff
      carry = value >> 8
    }
  }
  return Buffer.from(sum)
}

function lcm(a: number, b: number): number {
  let [x, y] = [a, b]
  while (y > 0) [x, y] = [y, x % y]
  return (a / x) * b
}
