/** The candidate that `word` was most likely meant to be (case ignored); null when none is near enough. */
export function nearest(word: string, candidates: Iterable<string>): string | null {
  let best: string | null = null
  let least = Math.max(2, Math.floor(word.length / 3)) + 1
  for (const candidate of candidates) {
    const far = distance(word.toLowerCase(), candidate.toLowerCase())
    if (far < least && far < candidate.length) {
      best = candidate
      least = far
    }
  }
  return best
}

/** Levenshtein's: insertions, deletions and substitutions, each at the cost of one. */
function distance(a: string, b: string): number {
  let before = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++)
      row.push(
        Math.min(
          (before[j] ?? 0) + 1,
          (row[j - 1] ?? 0) + 1,
          (before[j - 1] ?? 0) + (a.charAt(i - 1) === b.charAt(j - 1) ? 0 : 1),
        ),
      )
    before = row
  }
  return before[b.length] ?? 0
}
