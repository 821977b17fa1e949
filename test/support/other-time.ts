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

/** What only pauses between two looks takes a tenth of its time. */
function setSoon(...[then, milliseconds = 0, ...given]: Parameters<typeof setTimeout>): NodeJS.Timeout {
  const isPause = milliseconds <= longestPauseMilliseconds
  return realSetTimeout(then, isPause ? milliseconds / times : milliseconds, ...given)
}

/** From now on this is the time (milliseconds) on this thread, and goes on from there; pauses are short. */
export function setTime(milliseconds: number): void {
  aheadMilliseconds = milliseconds - RealDate.now()
  globalThis.Date = OtherDate as DateConstructor
  globalThis.setTimeout = Object.assign(setSoon, { __promisify__: realSetTimeout.__promisify__ })
}
