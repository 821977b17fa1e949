/** The machine with the Management Shell: speaks the protocol of docs/shell-protocol.md on its standard streams. */
import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import table from '../drivers/shell/calls.json' with { type: 'json' }
import { cmdlets, moduleHas, parameterSetsIn, writeExport } from './cmdlets.ts'
import { allCmdletNames, changingCmdletNames, type ChangingCmdletName } from './cmdlet-names.ts'
import { runCmdlet } from './control.ts'
import { labPaths, readIfThere, type LabPaths } from './paths.ts'
import { openRequests } from './requests.ts'
import { CmdletError, type Parameters } from './shell-view.ts'
import { waitsForQuorum } from './services.ts'
import { hostOf, parseWorld, readWorld, type World } from './world.ts'

interface Call {
  cmdlet: string
  parameters: Record<string, string>
  returns: readonly string[]
}

interface Request {
  id: string
  call: string
  parameters: Parameters
}

interface Machine {
  paths: LabPaths
  /** As it is now. */
  world: () => World
}

const calls: Readonly<Record<string, Call | undefined>> = table.calls
const slowSeconds = 10

/** Serves requests one after the other until standard input closes. */
async function main(directory: string): Promise<void> {
  const paths = labPaths(directory)
  using requests = openRequests(paths.requests)
  const world = newestWorld(paths)
  const { managementShell } = world()
  send({
    hello: {
      protocol: table.protocol,
      script: hash('sha256', readFileSync(fileURLToPath(import.meta.url)), 'hex'),
      pid: process.pid,
      engine: managementShell.module === 'Lync' ? '3.0' : '5.1.17763.1',
      culture: 'en-US',
      modules: [managementShell.module],
      failed: {},
    },
  })
  const lines = createInterface({ input: process.stdin })
  // Also a cmdlet that hangs ends with its process.
  lines.on('close', () => process.exit(0))
  for await (const line of lines) {
    if (line.trim() === '') continue
    const { id, request } = readRequest(line)
    if (request !== null) requests.record({ kind: 'shell', call: request.call, parameters: request.parameters })
    await serve(id, request, { paths, world })
  }
}

/** The state of a large lab is parsed only when it is another one. */
function newestWorld(paths: LabPaths): () => World {
  let known = { text: '', world: readWorld(paths) }
  return () => {
    const text = readIfThere(paths.state)
    if (text === null) return readWorld(paths)
    if (text !== known.text) known = { text, world: parseWorld(text, paths) }
    return known.world
  }
}

/** Who asked what, as far as it can be read; null: it is not a whole request. */
function readRequest(line: string): { id: string; request: Request | null } {
  try {
    const read = JSON.parse(line) as Partial<Request> | null
    if (typeof read?.id !== 'string' || typeof read.call !== 'string') return { id: '', request: null }
    return { id: read.id, request: isTable(read.parameters) ? (read as Request) : null }
  } catch {
    return { id: '', request: null }
  }
}

function isTable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

async function serve(id: string, request: Request | null, machine: Machine): Promise<void> {
  try {
    if (request === null) throw invalid('The request is not an object with id, call and parameters.')
    const call = check(request)
    for (const value of await invoke(call, request, machine))
      send({ id, event: 'object', value: returned(call, value) })
    send({ id, event: 'end', ok: true })
  } catch (thrown) {
    const { category, errorId, message, terminating } =
      thrown instanceof CmdletError ? thrown : new CmdletError('NotSpecified', 'Unexpected', String(thrown))
    const name = request?.call ?? ''
    const position = `At line:1 char:1 + ${calls[name]?.cmdlet ?? name}`
    send({ id, event: 'error', message, category, errorId, position, terminating })
    send({ id, event: 'end', ok: !terminating })
  }
}

/** Only what the table lists is run. */
function check({ call: name, parameters }: Request): Call {
  const call = Object.hasOwn(calls, name) ? calls[name] : undefined
  if (!call) throw invalid(`There is no call "${name}".`)
  for (const [parameter, value] of Object.entries(parameters)) {
    const type = Object.hasOwn(call.parameters, parameter) ? call.parameters[parameter] : undefined
    if (type === undefined) throw invalid(`The call "${name}" has no parameter "${parameter}".`)
    if (typeof value !== (type === 'switch' ? 'boolean' : 'string'))
      throw invalid(`The parameter "${parameter}" is no ${type}.`)
  }
  return call
}

function invalid(message: string): CmdletError {
  return new CmdletError('InvalidArgument', 'InvalidCall', message)
}

async function invoke(call: Call, { parameters }: Request, { paths, world }: Machine): Promise<readonly unknown[]> {
  const read = world()
  if (call.cmdlet === 'Get-Command') return [commandOf(read, String(parameters.Name ?? ''))]
  const name = allCmdletNames.find((one) => one === call.cmdlet)
  const behaviour = read.managementShell.behaviours[call.cmdlet]
  if (name === undefined || !isThere(read, name)) throw notRecognized(call.cmdlet)
  if (behaviour === 'hangs') await new Promise(() => {})
  if (behaviour === 'slow') await wait(slowSeconds * 1000)
  if (behaviour === 'fails') throw new CmdletError('InvalidOperation', 'OperationFailed', `${name} failed in the lab.`)
  if (behaviour === 'denied')
    throw new CmdletError('PermissionDenied', 'AccessDenied', `Access is denied: the account may not run ${name}.`)
  if (isChanging(name)) return change(name, parameters, { paths, world })
  return cmdlets[name](read, parameters, (content, how) => {
    if (behaviour === 'writes-nothing') return
    const whole = behaviour === 'cut-zip' ? content.subarray(0, content.length / 2) : content
    writeExport(String(parameters.FileName ?? ''), whole, how)
  })
}

type Name = (typeof allCmdletNames)[number]

function isChanging(name: Name): name is ChangingCmdletName {
  return changingCmdletNames.some((one) => one === name)
}

/** The lab does it. Without `NoWait`, a start returns when the service runs ("Start-CsWindowsService"). */
async function change(
  name: ChangingCmdletName,
  parameters: Parameters,
  { paths, world }: Machine,
): Promise<readonly unknown[]> {
  const failure = await runCmdlet(paths, { name, parameters })
  if (failure) throw new CmdletError(failure.category, failure.errorId, failure.message)
  if (name === 'Start-CsWindowsService' && parameters.NoWait !== true)
    while (isWaiting(world(), String(parameters.ComputerName))) await wait(200)
  return []
}

function isWaiting(world: World, fqdn: string): boolean {
  const host = hostOf(world, fqdn)
  return host !== undefined && waitsForQuorum(world, host)
}

function isThere(world: World, name: Name): boolean {
  return world.managementShell.behaviours[name] !== 'missing' && moduleHas(world, name)
}

/** What Get-Command tells of one cmdlet. One that is not there is an error that ends nothing. */
function commandOf(world: World, wanted: string): object {
  const name = allCmdletNames.find((one) => one.toLowerCase() === wanted.toLowerCase())
  if (name === undefined || !isThere(world, name)) throw notRecognized(wanted, false)
  return { Name: name, ParameterSets: parameterSetsIn(world, name).map((set) => `${set} [<CommonParameters>]`.trim()) }
}

function notRecognized(cmdlet: string, terminating = true): CmdletError {
  return new CmdletError(
    'ObjectNotFound',
    'CommandNotFoundException',
    `The term '${cmdlet}' is not recognized as the name of a cmdlet, function, script file, or operable program.`,
    terminating,
  )
}

/** The listed properties, and null for one that the object does not have; without a list, the object as text. */
function returned({ returns }: Call, value: unknown): unknown {
  if (returns.length === 0) return typeof value === 'string' ? value : objectText(value as object)
  return Object.fromEntries(returns.map((name) => [name, (value as Record<string, unknown>)[name] ?? null]))
}

/** As PowerShell shows an object where a text is wanted. */
function objectText(value: object): string {
  const properties = Object.entries(value).map(([name, content]) => `${name}=${String(content)}`)
  return `@{${properties.join('; ')}}`
}

function send(message: object): void {
  process.stdout.write(`\u001e${JSON.stringify(message)}\n`)
}

await main(process.argv[2] ?? '.')
