const RealDate = Date
let aheadMilliseconds = 0

class OtherDate extends RealDate {
  constructor(...given: unknown[]) {
    super(...((given.length === 0 ? [OtherDate.now()] : given) as [number]))
  }

  static override now(): number {
    return RealDate.now() + aheadMilliseconds
  }
}

const realSetTimeout = globalThis.setTimeout
/** What is longer is a deadline, which keeps its length. */
const longestPauseMilliseconds = 5_000
const times = 10

/** Who looks now and then, and no more often. */
const rareMilliseconds = 1_000

/**
 * From now on this is the time (milliseconds) on this thread, and goes on from there. What only pauses between two looks takes a
 * tenth of its time; `isLate`: who looks every few seconds comes a hundred times too late.
 */
export function setTime(milliseconds: number, isLate = false): void {
  aheadMilliseconds = milliseconds - RealDate.now()
  globalThis.Date = OtherDate as DateConstructor
  const setSoon = (...[then, pause = 0, ...given]: Parameters<typeof setTimeout>): NodeJS.Timeout => {
    const isPause = pause <= longestPauseMilliseconds
    const lasts = isLate && isPause && pause >= rareMilliseconds ? pause * 100 : isPause ? pause / times : pause
    return realSetTimeout(then, lasts, ...given)
  }
  globalThis.setTimeout = Object.assign(setSoon, { __promisify__: realSetTimeout.__promisify__ })
}
