import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { messageIn, type Message } from '../support/shell-messages.ts'

export const script = join(import.meta.dirname, '..', '..', 'src', 'drivers', 'shell', 'holdfast.ps1')
export const table = join(import.meta.dirname, '..', '..', 'src', 'drivers', 'shell', 'calls.json')

export type Line = Message

export interface ManagementHost extends AsyncDisposable {
  /** What holdfast.yaml would name. */
  command: string[]
  scratch: string
  /** Folder of the stub module. */
  module: string
  /** What the stub module does from the next call on (see its `behaviour.txt`). */
  behave(how: string): Promise<void>
}

/** Which `ConvertTo-Json` the script meets: the engine's own, or that of Windows PowerShell 3.0 to 5.1, emulated. */
export type Writer = 'its own JSON' | 'the JSON of 3.0 to 5.1'

/** Folders of a management host with the stub module, and this process's environment so that engines find them. */
export async function managementHost(engine: string, writer: Writer = 'its own JSON'): Promise<ManagementHost> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-management-'))
  const module = join(folder, 'modules', 'SkypeForBusiness')
  const scratch = join(folder, 'scratch')
  await cp(join(import.meta.dirname, 'stub-module', 'SkypeForBusiness'), module, { recursive: true })
  await mkdir(scratch)
  const before = { ...process.env }
  Object.assign(process.env, {
    PSModulePath: [join(folder, 'modules'), process.env['PSModulePath'] ?? '']
      .filter((one) => one !== '')
      .join(delimiter),
    LC_ALL: 'en_US.UTF-8',
    ...(process.platform === 'win32' ? {} : { HOME: folder }),
  })
  const policy = process.platform === 'win32' ? ['-ExecutionPolicy', 'Bypass'] : []
  const start = [engine, '-NoProfile', '-NonInteractive', ...policy]
  return {
    command: [...start, '-File', ...(writer === 'its own JSON' ? [] : await oldEngine(start, folder)), script],
    scratch,
    module,
    behave: async (how) => await writeFile(join(module, 'behaviour.txt'), how),
    async [Symbol.asyncDispose]() {
      for (const name of ['PSModulePath', 'LC_ALL', 'HOME'])
        if (before[name] === undefined) Reflect.deleteProperty(process.env, name)
        else process.env[name] = before[name]
      await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

/** What comes before the script so that it meets the old writer, which is compiled once. */
async function oldEngine(start: readonly string[], folder: string): Promise<string[]> {
  const [program = '', ...parameters] = start
  const [source, wrapper] = ['old-json-writer.cs', 'old-engine.ps1'].map((file) => join(import.meta.dirname, file))
  const compiled = join(folder, 'old-json-writer.dll')
  const compile = `Add-Type -Path '${source ?? ''}' -OutputAssembly '${compiled}'`
  await promisify(execFile)(program, [...parameters, '-Command', compile])
  return [wrapper ?? '', compiled]
}

export interface RawSession extends AsyncDisposable {
  hello: Line
  /** Every line of the answer, the end included. */
  ask(call: string, parameters: object): Promise<Line[]>
  /** As `ask`, with a line of any kind. */
  say(line: string): Promise<Line[]>
}

/** Speaks the protocol without our driver, so that each line is seen as it was written. */
export async function rawSession(command: readonly string[]): Promise<RawSession> {
  const [program = '', ...parameters] = command
  const child = spawn(program, parameters, {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...process.env, NO_COLOR: '1', POWERSHELL_TELEMETRY_OPTOUT: '1' },
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  async function next(): Promise<Line> {
    for (;;) {
      const line = await lines.next()
      if (line.done) throw new Error('The shell host ended.')
      const message = messageIn(line.value)
      if (message !== null) return message
    }
  }
  async function say(line: string): Promise<Line[]> {
    child.stdin.write(`${line}\n`)
    const answer: Line[] = []
    do answer.push(await next())
    while (answer.at(-1)?.['event'] !== 'end')
    return answer
  }
  const { hello } = await next()
  let id = 0
  return {
    hello: hello as Line,
    ask: (call, parameters) => say(JSON.stringify({ id: String(++id), call, parameters })),
    say,
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit')
      child.stdin.end()
      await ended
    },
  }
}
