import { distance } from 'fastest-levenshtein'

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
