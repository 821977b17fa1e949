import { distinct, sameSubject } from '../subject.ts'
import type { Subject } from '../words.ts'
import { recorded, type Context } from './context.ts'

/** Use -> the recorded facts of its certificate: thumbprint and text. */
const uses: readonly (readonly [use: string, thumbprint: string, text: string])[] = [
  ['listener', 'thumbprint', 'certificate'],
  ['internal web services', 'webInternalThumbprint', 'webInternalCertificate'],
  ['external web services', 'webExternalThumbprint', 'webExternalCertificate'],
]

/**
 * The certificates of a server as the set recorded them, in parentheses: each with its uses, thumbprint, names, issuer and
 * end, so that the same can be asked for again; and the names for the outside of its pool. Empty where none is known.
 */
export function recordedCertificates(server: Subject, context: Context): string {
  const known = uses.flatMap(([use, key, text]) => {
    const thumbprint = recorded(context, server, key)
    return thumbprint === null ? [] : [{ use, thumbprint, text: recorded(context, server, text) }]
  })
  const told = distinct(known.map(({ thumbprint }) => thumbprint)).map((thumbprint) => {
    const same = known.filter((one) => one.thumbprint === thumbprint)
    const text = same.find((one) => one.text !== null)?.text ?? null
    return `${same.map(({ use }) => use).join(', ')}: thumbprint ${thumbprint}${text === null ? '' : ` for ${text}`}`
  })
  const outside = context.loss.pools
    .filter(({ servers }) => servers.some((one) => sameSubject(one, server)))
    .flatMap(({ fqdn }) => recorded(context, fqdn, 'externalNames') ?? [])
    .map((names) => `names for the outside: ${names}`)
  const all = [...told, ...outside]
  return all.length === 0 ? '' : ` (${all.join('. ')})`
}
