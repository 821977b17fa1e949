/** How commands in other terminals reach a running lab: HTTP on the loopback address with a token. */
import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { Problem, toProblem } from '../base/problem.ts'
import type { ProblemCode } from '../base/problem-codes.ts'
import { readIfThere, type LabPaths } from './paths.ts'
import type { Parameters } from './shell-view.ts'

interface ControlFile {
  pid: number
  port: number
  token: string
}

interface Request {
  kind: string
  subject: string
  detail: string | null
}

type Orders = Record<'break' | 'repair' | 'do', (request: Request) => Promise<void>> & {
  /** Of the Management Shell: null when it ended well. */
  cmdlet: (request: CmdletRequest) => Promise<CmdletFailure | null>
  stop: () => Promise<void>
}

interface CmdletRequest {
  name: string
  parameters: Parameters
}

interface CmdletFailure {
  category: string
  errorId: string
  message: string
}

interface Failure {
  code: ProblemCode
  subject: string | null
  message: string
  hint: string | null
}

export async function startControl(token: string, orders: Orders): Promise<{ port: number; close(): Promise<void> }> {
  const { createServer } = await import('node:http') // brings much that a command does without
  const server = createServer((request, response) => {
    const send = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(body))
    }
    if (request.headers.authorization !== `Bearer ${token}`) {
      send(401, {})
      return
    }
    obey(request, orders).then(
      (failure) => {
        send(200, { pid: process.pid, failure })
      },
      (thrown: unknown) => {
        const { code, subject, message, hint } = toProblem(thrown)
        send(400, { code, subject, message, hint } satisfies Failure)
      },
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeIdleConnections()
      }),
  }
}

async function obey(request: IncomingMessage, orders: Orders): Promise<CmdletFailure | null> {
  const order = request.url?.slice(1)
  if (order === 'cmdlet') return orders.cmdlet(JSON.parse(await text(request)) as CmdletRequest)
  if (order === 'stop') await orders.stop()
  else if (order === 'break' || order === 'repair' || order === 'do')
    await orders[order](JSON.parse(await text(request)) as Request)
  return null
}

/**
 * Gives a running lab an order and waits until it is done. Null when no lab runs in this folder; else its process id.
 * What the lab refused is thrown as the Problem it was.
 */
export async function order(
  paths: LabPaths,
  name: 'ping' | 'break' | 'repair' | 'do' | 'stop',
  body: object = {},
): Promise<number | null> {
  return (await post(paths, name, body))?.pid ?? null
}

/** Lets the machines of a running lab run a cmdlet. Null: it ended well. */
export async function runCmdlet(paths: LabPaths, request: CmdletRequest): Promise<CmdletFailure | null> {
  const answer = await post(paths, 'cmdlet', request)
  if (answer) return answer.failure
  return { category: 'ResourceUnavailable', errorId: 'LabIsDown', message: 'No machine of this lab is up.' }
}

interface Answer {
  pid: number
  failure: CmdletFailure | null
}

async function post(paths: LabPaths, name: string, body: object): Promise<Answer | null> {
  const written = readIfThere(paths.control)
  if (written === null) return null
  const { port, token } = JSON.parse(written) as ControlFile
  const response = await fetch(`http://127.0.0.1:${port}/${name}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, connection: 'close' },
    body: JSON.stringify(body),
  }).catch(() => null)
  if (response?.status === 400) {
    const { code, subject, message, hint } = (await response.json()) as Failure
    throw new Problem(code, { message, ...(subject === null ? {} : { subject }), ...(hint === null ? {} : { hint }) })
  }
  // A file that a killed lab left behind, perhaps with another program at its port, is no running lab.
  return response?.ok === true ? ((await response.json()) as Answer) : null
}

/** Throws Problem `lab-already-running` when a process serves the lab of this folder. */
export async function refuseRunning(paths: LabPaths): Promise<void> {
  const pid = await order(paths, 'ping')
  if (pid === null) return
  throw new Problem('lab-already-running', {
    subject: paths.directory,
    message: `Process ${pid} serves this lab already.`,
    hint: `End it first: holdfast lab down ${paths.directory}`,
  })
}
