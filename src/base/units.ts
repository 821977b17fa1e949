const second = { s: 1, m: 60, h: 3600, d: 86_400 } as const
const byte = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, TiB: 1024 ** 4 } as const

/** `30s`, `15m`, `24h`, `7d` -> seconds; null when the text is none of these. */
export function parseDuration(text: string): number | null {
  const match = /^(\d{1,10})(s|m|h|d)$/.exec(text)
  return match ? Number(match[1]) * second[match[2] as keyof typeof second] : null
}

/** Seconds -> the largest whole unit that is exact: `90s`, `2h`, `7d`. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds)
  if (whole === 0) return '0s'
  if (whole % second.d === 0) return `${whole / second.d}d`
  if (whole % second.h === 0) return `${whole / second.h}h`
  if (whole % second.m === 0) return `${whole / second.m}m`
  return `${whole}s`
}

const spans = [
  { seconds: second.d, unit: 'd' },
  { seconds: second.h, unit: 'h' },
  { seconds: second.m, unit: 'min' },
  { seconds: 1, unit: 's' },
] as const

/** Seconds -> how long something took, in its two largest units: `45 s`, `12 min 5 s`, `3 h 12 min`, `2 d 3 h`. */
export function lasting(seconds: number): string {
  const whole = Math.round(seconds)
  const at = spans.findIndex((one) => whole >= one.seconds)
  const [span, next] = spans.slice(at)
  if (at < 0 || !span) return '0 s'
  const rest = next ? Math.floor((whole % span.seconds) / next.seconds) : 0
  return `${Math.floor(whole / span.seconds)} ${span.unit}${next && rest > 0 ? ` ${rest} ${next.unit}` : ''}`
}

/** `500MiB`, `2TiB`, `0B` -> bytes; null when the text is none of these. */
export function parseSize(text: string): number | null {
  const match = /^(\d{1,12})(B|KiB|MiB|GiB|TiB)$/.exec(text)
  return match ? Number(match[1]) * byte[match[2] as keyof typeof byte] : null
}

/** Bytes -> the largest unit that tells them exactly: `500MiB`, `2TiB`, `0B`. */
export function exactSize(bytes: number): string {
  const units = Object.entries(byte).reverse()
  const [unit, factor] = units.find(([, one]) => bytes > 0 && bytes % one === 0) ?? ['B', 1]
  return `${bytes / factor}${unit}`
}

/** Bytes -> a figure for people: `0 B`, `1.5 MiB`. */
export function formatSize(bytes: number): string {
  const units = Object.entries(byte).reverse()
  const [unit, factor] = units.find(([, factor]) => bytes >= factor) ?? ['B', 1]
  const value = bytes / factor
  return `${value >= 100 || factor === 1 ? Math.round(value) : value.toFixed(1)} ${unit}`
}
