import { pino, type DestinationStream, type Logger } from 'pino'

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>

const secrets = new Set<string>()

/** From now on `value`, and its base64 and URL-encoded forms, never appear in a log line or in scrubbed text. */
export function registerSecret(value: string): void {
  if (value.length === 0) return
  for (const form of [
    value,
    Buffer.from(value).toString('base64'),
    encodeURIComponent(value),
    JSON.stringify(value).slice(1, -1),
  ])
    secrets.add(form)
}

/** Whether the text is one of them as it is. */
export function isSecret(text: string): boolean {
  return secrets.has(text)
}

/** The text with every registered secret replaced. */
export function scrub(text: string): string {
  let clean = text
  for (const secret of secrets) if (clean.includes(secret)) clean = clean.replaceAll(secret, '[secret]')
  return clean
}

/** A log whose every line went through `scrub`. Lines are JSON; a terminal may pipe them through pino-pretty. */
export function createLog(destination: DestinationStream, level: string): Log {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    { write: (line) => destination.write(scrub(line)) },
  )
}
