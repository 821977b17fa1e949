/** Values that people write in YAML, as zod schemas: what is read is the text, what comes out is the number. */
import { z } from 'zod'
import { timeOf } from './time.ts'
import { parseDuration, parseSize } from './units.ts'

const label = String.raw`[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?`
const name = String.raw`${label}(?:\.${label})+`
// A component of a UNC path as Windows accepts it: no wildcard, no separator, no dot or space at its end.
const component = String.raw`(?!\.{1,2}(?:\\|$))[^\\/:*?"<>|\u0000-\u001f]{0,254}[^\\/:*?"<>|\u0000-\u001f. ]`

/** `30s`, `15m`, `24h`, `7d` -> seconds. */
export const duration = z
  .string()
  .regex(/^\d{1,10}(s|m|h|d)$/, 'is not a duration such as 30s, 15m, 24h or 7d')
  .transform((text) => parseDuration(text) ?? 0)

/** `500MiB`, `2TiB` -> bytes. */
export const size = z
  .string()
  .regex(/^\d{1,12}(B|KiB|MiB|GiB|TiB)$/, 'is not a size such as 500MiB, 20GiB or 2TiB')
  .transform((text) => parseSize(text) ?? 0)

/** Name of a host or pool with its domain; an address is none. */
export const fqdn = z
  .string()
  .max(255, 'is longer than 255 characters')
  .regex(new RegExp(String.raw`^(?!.*\.\d+$)${name}$`), 'is not a fully qualified domain name such as fe01.contoso.com')

export const port = z
  .int('is not a port number')
  .min(1, 'is not a port (1 to 65535)')
  .max(65_535, 'is not a port (1 to 65535)')

/** `\\server.contoso.com\share`, with folders below it where they are wanted. */
export const uncPath = z
  .string()
  .max(240, 'is longer than 240 characters')
  .regex(
    new RegExp(String.raw`^\\\\(?![\d.]+\\)${name}(?:\\${component})+$`),
    String.raw`is not a UNC path such as '\\backup01.contoso.com\LyncBackup' (server with its domain, no backslash at the end)`,
  )

/**
 * What a person writes for others: it goes to terminals, tickets, sets and the journal, so it is bounded and holds nothing that
 * a terminal obeys.
 */
export function words(most: number): z.ZodString {
  return z
    .string()
    .min(1, 'is empty')
    .max(most, `is longer than ${most} characters`)
    .regex(/^(?:[\t\n\r]|\P{Cc})*$/u, 'holds a control character')
}

/** RFC 3339 with a zone -> the same instant in UTC. */
export const instant = z.iso
  .datetime({ offset: true, error: 'is not a time with a zone such as 2026-12-31T22:00:00Z' })
  .transform((text) => timeOf(Date.parse(text)))

/** The server of a UNC path, as written. */
export function uncServer(path: string): string {
  return path.split('\\')[2] ?? ''
}
