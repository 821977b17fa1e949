import canonicalize from 'canonicalize'
import { hash } from 'node:crypto'

/** SHA-256 of the canonical JSON (RFC 8785) of `value`, as 64 hexadecimal digits: equal values, equal hash. */
export function hashOf(value: unknown): string {
  return hash('sha256', canonicalize(value) ?? 'null', 'hex')
}
