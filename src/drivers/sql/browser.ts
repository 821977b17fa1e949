import { createSocket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { Problem, systemCode } from '../../base/problem.ts'
import type { SqlTarget } from './target.ts'

const browserPort = 1434
const attempts = 3
const answerMilliseconds = 1_500
/** CLNT_UCAST_EX: name all instances; of one that it does not know, the Browser would say nothing at all. */
const question = Buffer.from([0x03])
const answerKind = 0x05
const headerLength = 3

/**
 * Asks SQL Server Browser for the port of a named instance (document [MC-SQLR]: SQL Server Resolution Protocol). Throws
 * `sql-browser-silent`, `sql-instance-unknown`, or `sql-refused` for an instance without TCP/IP.
 */
export async function askBrowser(target: Pick<SqlTarget, 'subject' | 'server' | 'instance'>): Promise<number> {
  const { subject, server, instance } = target
  const { address, family } = await lookup(server)
  const answer = await ask(address, family)
  if (answer === null)
    throw new Problem('sql-browser-silent', {
      subject,
      message: `SQL Server Browser on ${server} (UDP ${browserPort}) gave no answer.`,
      hint: 'Start SQL Server Browser and open UDP 1434, or give the port under hosts.<fqdn>.sql.instances in holdfast.yaml.',
    })
  const instances = parseAnswer(answer)
  const found = instances.find((one) => one['instancename']?.toLowerCase() === instance.toLowerCase())
  if (!found) {
    const names = instances.map((one) => one['instancename'] ?? '').join(', ')
    throw new Problem('sql-instance-unknown', {
      subject,
      message: `SQL Server Browser on ${server} does not name an instance ${instance}; it names: ${names || 'none'}.`,
      hint: 'Start the instance (one that is stopped or hidden is not named) and compare its name with the topology; a port under hosts.<fqdn>.sql.instances in holdfast.yaml makes SQL Server Browser unnecessary.',
    })
  }
  const port = Number(found['tcp'])
  if (Number.isInteger(port) && port > 0 && port <= 65_535) return port
  throw new Problem('sql-refused', {
    subject,
    message: `SQL Server Browser on ${server} does not name a TCP port of ${instance}.`,
    hint: 'Switch on TCP/IP for the instance in SQL Server Configuration Manager and restart its service.',
  })
}

/** Null: nobody answers. */
async function ask(address: string, family: number): Promise<Buffer | null> {
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4')
  try {
    socket.connect(browserPort, address)
    await once(socket, 'connect')
    for (let attempt = 0; attempt < attempts; attempt++) {
      const signal = AbortSignal.timeout(answerMilliseconds)
      socket.send(question)
      const [answer] = (await once(socket, 'message', { signal }).catch((thrown: unknown) => {
        if (signal.aborted) return [null]
        throw thrown
      })) as [Buffer | null]
      if (answer !== null) return answer
    }
    return null
  } catch (thrown) {
    if (systemCode(thrown) === 'ECONNREFUSED') return null // the machine says that nobody listens
    throw thrown
  } finally {
    socket.close()
  }
}

/** `name;value;...;;` for each instance, as maps with names in lower case. What is no such answer names none. */
export function parseAnswer(answer: Uint8Array): Record<string, string>[] {
  const bytes = Buffer.from(answer)
  if (bytes.length < headerLength || bytes.readUInt8(0) !== answerKind) return []
  const text = bytes.toString('latin1', headerLength, headerLength + bytes.readUInt16LE(1))
  return text
    .split(';;')
    .filter((one) => one !== '')
    .map((one) => {
      const words = one.split(';')
      const pairs = words.flatMap((word, index) =>
        index % 2 === 0 ? [[word.toLowerCase(), words[index + 1] ?? '']] : [],
      )
      return Object.fromEntries(pairs) as Record<string, string>
    })
}
