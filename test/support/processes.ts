import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'

/** Accepts connections and never says a word. */
export function silentServer() {
  const connected = Promise.withResolvers<true>()
  const listening = Promise.withResolvers<AddressInfo>()
  const server = createServer(() => {
    connected.resolve(true)
  })
  server.listen(0, '127.0.0.1', () => {
    listening.resolve(server.address() as AddressInfo)
  })
  return { connected: connected.promise, listening: listening.promise, [Symbol.dispose]: () => server.close() }
}

/** Pids of other processes whose command line contains the text. */
export function processesNaming(text: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text)
    } catch {
      return false
    }
  })
}

/** Whether a process runs: a zombie does not. */
export function alive(pid: number | undefined): boolean {
  try {
    const stat = readFileSync(`/proc/${pid ?? 0}/stat`, 'utf8')
    return !/\) [ZX] /.test(stat)
  } catch {
    return false
  }
}

/** Pids of all children of a process, and of theirs. */
export function descendantsOf(pid: number): number[] {
  const children = readdirSync('/proc').filter((other) => {
    try {
      return /^\d+$/.test(other) && parentOf(other) === pid
    } catch {
      return false
    }
  })
  return children.flatMap((child) => [Number(child), ...descendantsOf(Number(child))])
}

function parentOf(pid: string): number {
  return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1])
}
