/**
 * A process that runs command lines of Holdfast one after the other, as it is asked over the channel to its parent: to
 * load the program anew for each would cost more than the command. A command has ended when nothing that it began is
 * left to be waited for, as its process would end then. Without the small heap, which is for what lives long.
 */
import '../../src/cli/compile-cache.js'
import { entry } from '../../src/base/bundle.js'
import type * as Program from '../../src/cli/main.ts'
import { setTime } from './other-time.ts'

const { main } = (await import(entry('cli/main.ts'))) as typeof Program

export interface CommandOrder {
  argv: string[]
  /** What the time is, in milliseconds; null: what it is. */
  time: number | null
  env: NodeJS.ProcessEnv
}

let [out, err] = ['', '']
/** As Node says it of one whose `main` waits for what can never come. */
const neverSettled = 13
let code = neverSettled
let isAsked = false

process.on('warning', ({ name, message }) => (err += `${name}: ${message}\n`))
process.on('message', ({ argv, time, env }: CommandOrder) => {
  isAsked = true
  process.channel?.unref()
  for (const name of Object.keys(process.env)) if (!(name in env)) Reflect.deleteProperty(process.env, name)
  Object.assign(process.env, env)
  if (time !== null) setTime(time)
  void main(argv, {
    out: (text) => (out += text),
    err: (text) => (err += text),
    interactive: false,
    columns: 80,
    cwd: process.cwd(),
    env: process.env,
    signal: new AbortController().signal,
  }).then((answer) => (code = answer))
})
process.on('beforeExit', () => {
  if (!isAsked) return
  isAsked = false
  process.channel?.ref()
  process.send?.({ code, out, err })
  ;[out, err, code] = ['', '', neverSettled]
})
