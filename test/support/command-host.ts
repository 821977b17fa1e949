/**
 * A process that runs command lines of Holdfast one after the other, each at its own time, as it is asked over the
 * channel to its parent: to load the program anew for each would cost more than the command.
 */
import { main } from '../../src/cli/main.ts'
import { setTime } from './other-time.ts'

export interface CommandOrder {
  argv: string[]
  /** Milliseconds. */
  time: number
}

let last = Promise.resolve()

process.on('message', ({ argv, time }: CommandOrder) => {
  last = last.then(async () => {
    setTime(time)
    let [out, err] = ['', '']
    const code = await main(argv, {
      out: (text) => (out += text),
      err: (text) => (err += text),
      interactive: false,
      columns: 80,
      cwd: process.cwd(),
      env: process.env,
      signal: new AbortController().signal,
    })
    process.send?.({ code, out, err })
  })
})
