import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { webcrypto } from 'node:crypto'

export interface Certified {
  /** PEM. */
  certificate: string
  /** PEM. */
  key: string
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** A certificate that a fresh authority of its own issued, and the authority's certificate. */
export async function certify(
  names: readonly string[],
  from = new Date('2026-01-01T00:00:00Z'),
  until = new Date('2036-01-01T00:00:00Z'),
): Promise<Certified & { ca: string }> {
  const authorityKeys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Contoso Test CA',
    keys: authorityKeys,
    notBefore: from,
    notAfter: until,
    signingAlgorithm: algorithm,
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  })
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.create({
    subject: `CN=${names[0] ?? 'nobody'}, O=Contoso`,
    issuer: authority.subject,
    publicKey: keys.publicKey,
    signingKey: authorityKeys.privateKey,
    notBefore: from,
    notAfter: until,
    signingAlgorithm: algorithm,
    extensions: [new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value })))],
  })
  const key = x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')
  return { certificate: certificate.toString('pem'), key, ca: authority.toString('pem') }
}
