import { setFlagsFromString } from 'node:v8'

/** From here on what stays in memory is so much that looking through it again takes longer than all else. */
const manySets = 10_000
let isRoomy = false

/**
 * For `count` sets in memory: where they are many, lets the heap grow by three tenths before V8 looks through it again, for as
 * long as this process lives. The small heap that the daemon begins with (`cli/small-heap.js`) is collected after each tenth,
 * which is twenty times while 100,000 sets are read.
 */
export function makeRoomFor(count: number): void {
  if (isRoomy || count < manySets) return
  isRoomy = true
  setFlagsFromString('--no-optimize-for-size')
  setFlagsFromString('--heap-growing-percent=30')
}
