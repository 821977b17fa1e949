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

/** From now on this is the time (milliseconds) on this thread, and goes on from there. */
export function setTime(milliseconds: number): void {
  aheadMilliseconds = milliseconds - RealDate.now()
  globalThis.Date = OtherDate as DateConstructor
}
