import { Resolver } from 'node:dns/promises'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { connect as connectTls, type PeerCertificate } from 'node:tls'
import dnsPacket from 'dns-packet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { change } from '../../src/lab/lab.ts'
import { contosoLab } from './support.ts'

let lab: Awaited<ReturnType<typeof contosoLab>>
beforeAll(async () => {
  lab = await contosoLab()
})
afterAll(() => lab[Symbol.asyncDispose]())

function resolver(): Resolver {
  const made = new Resolver({ timeout: 200, tries: 1 })
  made.setServers([`127.0.0.1:${lab.world().ports.dns}`])
  return made
}

function portOf(fqdn: string, port: number): number {
  return lab
    .world()
    .hosts.find((host) => host.fqdn === fqdn)!
    .listeners.find((one) => one.port === port)!.local!
}

function certificateAt(fqdn: string, port: number): Promise<{ certificate: PeerCertificate; authorized: boolean }> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({
      ...{ host: '127.0.0.1', port: portOf(fqdn, port), servername: fqdn, rejectUnauthorized: false },
      ca: readFileSync(lab.paths.authority, 'utf8'),
    })
    socket
      .on('secureConnect', () => {
        resolve({ certificate: socket.getPeerCertificate(), authorized: socket.authorized })
        socket.destroy()
      })
      .on('error', reject)
  })
}

describe('the name server', () => {
  test('knows every host, and a pool by all its members', async () => {
    expect(await resolver().resolve4('sql01.contoso.com')).toHaveLength(1)
    expect(await resolver().resolve4('pool01.contoso.com')).toHaveLength(3)
    expect(await resolver().resolve4('POOL01.Contoso.COM')).toHaveLength(3)
  })

  test('answers for the services that clients look for', async () => {
    expect(await resolver().resolveSrv('_sipinternaltls._tcp.contoso.com')).toMatchObject([
      { name: 'pool01.contoso.com', port: 5061 },
    ])
    expect(await resolver().resolveSrv('_sip._tls.contoso.com')).toMatchObject([{ port: 443 }])
    expect(await resolver().resolve4('meet.contoso.com')).toHaveLength(3)
  })

  test('says that a name does not exist, and that a name has no record of a type', async () => {
    await expect(resolver().resolve4('fe99.contoso.com')).rejects.toMatchObject({ code: 'ENOTFOUND' })
    await expect(resolver().resolve6('fe01.contoso.com')).rejects.toMatchObject({ code: 'ENODATA' })
  })

  test('speaks TCP, also when a message comes in pieces', async () => {
    const query = dnsPacket.streamEncode({ type: 'query', id: 7, questions: [{ type: 'A', name: 'fe01.contoso.com' }] })
    const answer = await new Promise<Buffer>((resolve, reject) => {
      const socket = connect(lab.world().ports.dns!, '127.0.0.1', () => {
        socket.write(query.subarray(0, 5))
        setImmediate(() => socket.write(query.subarray(5)))
      })
      socket.once('data', (data: Buffer) => {
        resolve(data)
        socket.destroy()
      })
      socket.once('error', reject)
    })
    expect(dnsPacket.streamDecode(answer)).toMatchObject({ id: 7, answers: [{ type: 'A', name: 'fe01.contoso.com' }] })
  })

  test('loses a name, answers wrongly and keeps silent on demand, and each is repaired', async () => {
    const [before] = await resolver().resolve4('fe01.contoso.com')
    await change(lab.paths.directory, 'break', { kind: 'dns', subject: 'fe01.contoso.com', detail: null })
    await expect(resolver().resolve4('fe01.contoso.com')).rejects.toMatchObject({ code: 'ENOTFOUND' })
    await change(lab.paths.directory, 'break', { kind: 'dns', subject: 'fe01.contoso.com', detail: 'wrong' })
    expect(await resolver().resolve4('fe01.contoso.com')).toEqual(['192.0.2.1'])
    await change(lab.paths.directory, 'break', { kind: 'dns', subject: 'fe01.contoso.com', detail: 'silent' })
    await expect(resolver().resolve4('fe01.contoso.com')).rejects.toMatchObject({ code: 'ETIMEOUT' })
    await change(lab.paths.directory, 'repair', { kind: 'dns', subject: 'fe01.contoso.com', detail: null })
    expect(await resolver().resolve4('fe01.contoso.com')).toEqual([before])
  })
})

describe('TLS end points', () => {
  test('present a certificate of their name from the one authority', async () => {
    const { certificate, authorized } = await certificateAt('fe01.contoso.com', 5061)
    expect(authorized).toBe(true)
    expect(certificate.subject.CN).toBe('fe01.contoso.com')
    expect(new Date(certificate.valid_to).getTime()).toBeGreaterThan(Date.now())
  })

  test('an Edge server has its replication port', async () => {
    expect((await certificateAt('edge01.contoso.com', 4443)).authorized).toBe(true)
  })

  test('a certificate is about to run out, or was issued anew', async () => {
    const breakIt = (detail: string): Promise<void> =>
      change(lab.paths.directory, 'break', { kind: 'certificate', subject: 'fe03.contoso.com', detail })
    const daysLeft = async (): Promise<number> =>
      Math.round((Date.parse((await certificateAt('fe03.contoso.com', 443)).certificate.valid_to) - Date.now()) / 864e5)
    const { certificate } = await certificateAt('fe03.contoso.com', 443)
    await breakIt('expiring')
    expect(await daysLeft()).toBe(7)
    await breakIt('reissued')
    expect(await daysLeft()).toBe(730)
    const reissued = await certificateAt('fe03.contoso.com', 443)
    expect(reissued.authorized).toBe(true)
    expect(reissued.certificate.fingerprint256).not.toBe(certificate.fingerprint256)
    await change(lab.paths.directory, 'repair', { kind: 'certificate', subject: 'fe03.contoso.com', detail: null })
  })

  test('web services have a certificate of their own, which ran out', async () => {
    const request = { kind: 'certificate', subject: 'fe03.contoso.com', detail: 'web-expired' }
    const validTo = async (port: number): Promise<number> =>
      Date.parse((await certificateAt('fe03.contoso.com', port)).certificate.valid_to)
    await change(lab.paths.directory, 'break', request)
    expect(await validTo(443)).toBeLessThan(Date.now())
    expect(await validTo(4443)).toBeLessThan(Date.now())
    expect(await validTo(5061)).toBeGreaterThan(Date.now())
    await change(lab.paths.directory, 'repair', { ...request, detail: null })
    expect(await validTo(443)).toBeGreaterThan(Date.now())
  })

  test('a certificate runs out or is of another name, and comes back as it was', async () => {
    const before = await certificateAt('fe02.contoso.com', 443)
    await change(lab.paths.directory, 'break', { kind: 'certificate', subject: 'fe02.contoso.com', detail: null })
    const expired = await certificateAt('fe02.contoso.com', 443)
    expect(new Date(expired.certificate.valid_to).getTime()).toBeLessThan(Date.now())
    await change(lab.paths.directory, 'break', {
      kind: 'certificate',
      subject: 'fe02.contoso.com',
      detail: 'other-name',
    })
    expect((await certificateAt('fe02.contoso.com', 443)).certificate.subjectaltname).toBe('DNS:retired.contoso.com')
    await change(lab.paths.directory, 'repair', { kind: 'certificate', subject: 'fe02.contoso.com', detail: null })
    expect((await certificateAt('fe02.contoso.com', 443)).certificate.fingerprint256).toBe(
      before.certificate.fingerprint256,
    )
  })
})

test('every question is in the log of requests', async () => {
  await resolver().resolve4('sql02.contoso.com')
  expect(lab.requests()).toContainEqual(expect.objectContaining({ kind: 'dns', name: 'sql02.contoso.com', type: 'A' }))
})
