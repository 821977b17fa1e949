/** Certificates of the lab's machines: one authority and one key for all, each certificate made when first presented. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, webcrypto } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createSecureContext, type SecureContext } from 'node:tls'
import type * as x509Package from '@peculiar/x509'
import { replaceFile, type LabPaths } from './paths.ts'
import type { LabCertificate } from './world.ts'

export interface Authority {
  /** PEM text of key and certificate of one machine. */
  material(certificate: LabCertificate): Promise<{ key: string; cert: string }>
  /** The same for TLS; made once, however many ports present it. */
  context(certificate: LabCertificate): Promise<SecureContext>
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const authorityName = 'CN=Contoso Lab CA'

/** Opens the lab's authority; makes it when it is missing. */
export async function openAuthority(paths: LabPaths): Promise<Authority> {
  const authorityKey = keyIn(join(paths.certificates, 'authority.key'))
  const serverKey = keyIn(join(paths.certificates, 'server.key'))
  if (!existsSync(paths.authority)) replaceFile(paths.authority, await makeAuthority(authorityKey))
  const made = new Map<string, Promise<string>>()
  const certificateOf = (wanted: LabCertificate): Promise<string> => {
    const file = join(paths.certificates, `${wanted.serial}.pem`)
    const known =
      made.get(wanted.serial) ?? (existsSync(file) ? Promise.resolve(readFileSync(file, 'utf8')) : make(wanted, file))
    made.set(wanted.serial, known)
    return known
  }
  const make = async (wanted: LabCertificate, file: string): Promise<string> => {
    const text = await makeCertificate(wanted, authorityKey, serverKey)
    replaceFile(file, text)
    return text
  }
  const material = async (wanted: LabCertificate): Promise<{ key: string; cert: string }> => ({
    key: serverKey,
    cert: await certificateOf(wanted),
  })
  const contexts = new Map<string, Promise<SecureContext>>()
  const context = (wanted: LabCertificate): Promise<SecureContext> => {
    const known = contexts.get(wanted.serial) ?? material(wanted).then((pem) => createSecureContext(pem))
    contexts.set(wanted.serial, known)
    return known
  }
  return { material, context }
}

function keyIn(file: string): string {
  if (!existsSync(file)) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    replaceFile(file, String(privateKey.export({ type: 'pkcs8', format: 'pem' })), 0o600)
  }
  return readFileSync(file, 'utf8')
}

/** Loaded when first needed: the package takes longer to load than a certificate to make. */
async function library(): Promise<typeof x509Package> {
  await import('reflect-metadata')
  const x509 = await import('@peculiar/x509')
  x509.cryptoProvider.set(webcrypto)
  return x509
}

/** To take a key in takes longer than to sign with it. */
const taken = new Map<string, Promise<webcrypto.CryptoKeyPair>>()

function keysOf(pem: string): Promise<webcrypto.CryptoKeyPair> {
  const known = taken.get(pem) ?? importKeys(pem)
  taken.set(pem, known)
  return known
}

async function importKeys(pem: string): Promise<webcrypto.CryptoKeyPair> {
  const key = createPrivateKey(pem)
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' })
  return {
    privateKey: await webcrypto.subtle.importKey(
      'pkcs8',
      key.export({ type: 'pkcs8', format: 'der' }),
      algorithm,
      true,
      ['sign'],
    ),
    publicKey: await webcrypto.subtle.importKey('spki', spki, algorithm, true, ['verify']),
  }
}

async function makeAuthority(key: string): Promise<string> {
  const x509 = await library()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: authorityName,
    keys: await keysOf(key),
    signingAlgorithm: algorithm,
    serialNumber: '01',
    notBefore: new Date(Date.now() - 86_400_000),
    notAfter: new Date(Date.now() + 3650 * 86_400_000),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  })
  return `${certificate.toString('pem')}\n`
}

async function makeCertificate(wanted: LabCertificate, authorityKey: string, serverKey: string): Promise<string> {
  const x509 = await library()
  const certificate = await x509.X509CertificateGenerator.create({
    subject: `CN=${wanted.names[0] ?? wanted.fqdn}`,
    issuer: authorityName,
    serialNumber: wanted.serial,
    notBefore: new Date(wanted.notBefore),
    notAfter: new Date(wanted.notAfter),
    signingAlgorithm: algorithm,
    signingKey: (await keysOf(authorityKey)).privateKey,
    publicKey: (await keysOf(serverKey)).publicKey,
    extensions: [
      new x509.SubjectAlternativeNameExtension(wanted.names.map((value) => ({ type: 'dns' as const, value }))),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    ],
  })
  return `${certificate.toString('pem')}\n`
}
