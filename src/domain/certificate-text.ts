import { sorted } from './environment-record.ts'
import type { Certificate } from './facts.ts'

const end = '; until '

/** A certificate in one line, as sets record it. */
export function certificateText({ subject, names, issuer, expiresAt }: Certificate): string {
  return `${subject}; names ${sorted(names)}; ${issuer}${end}${expiresAt}`
}

/** The same certificate for longer: of the same names, from the same issuer. */
export function isRenewal(was: string | undefined, now: string | undefined): boolean {
  const [before, after] = [parts(was), parts(now)]
  return before !== null && after !== null && before.whose === after.whose && before.until < after.until
}

function parts(text: string | undefined): { whose: string; until: string } | null {
  const at = text?.lastIndexOf(end) ?? -1
  return text === undefined || at < 0 ? null : { whose: text.slice(0, at), until: text.slice(at + end.length) }
}
