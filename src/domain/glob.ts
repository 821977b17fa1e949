/**
 * Whether a name with `/` is meant by a pattern, without case: `*` any characters of one part, `?` one, `**` as a whole part
 * any number of parts. Without regular expressions, so that no pattern takes long: at most parts x parts and characters x
 * characters of both.
 */
export function matchesGlob(pattern: string, name: string): boolean {
  return matches(parts(pattern), parts(name), '**', (one, other) =>
    matches(Array.from(one), Array.from(other), '*', (character, is) => character === '?' || character === is),
  )
}

function parts(text: string): string[] {
  return text.toLowerCase().split('/')
}

/** `any` stands for any number of elements; where what follows does not match, the last one takes one more. */
function matches<T>(
  pattern: readonly T[],
  given: readonly T[],
  any: T,
  isSame: (pattern: T, given: T) => boolean,
): boolean {
  let [at, from] = [0, 0]
  let retry: { at: number; from: number } | null = null
  while (from < given.length) {
    const [wanted, is] = [pattern[at], given[from] as T]
    if (wanted === any) {
      retry = { at: ++at, from }
    } else if (wanted !== undefined && isSame(wanted, is)) {
      at++
      from++
    } else if (retry) {
      at = retry.at
      from = ++retry.from
    } else return false
  }
  return pattern.slice(at).every((left) => left === any)
}
