import { createSocket } from 'node:dgram'
import type { Socket } from 'node:net'
import dnsPacket, { type Answer, type Packet, type Question } from 'dns-packet'
import { listenTcp } from './ports.ts'
import type { Requests } from './requests.ts'
import { same, type NameRecord, type World } from './world.ts'

const timeToLive = 60
const nameError = 3

/** A name server for the names of the lab, over UDP and TCP on one port. It knows no other names. */
export async function startDns(
  port: number,
  world: () => World,
  requests: Requests,
): Promise<{ close(): Promise<void> }> {
  const reply = (query: Packet): Packet | null => answer(query, world(), requests)
  const tcp = await listenTcp(port, (socket) => {
    serveTcp(socket, reply)
  })
  const udp = createSocket('udp4')
  udp.on('message', (message, sender) => {
    const response = respond(message, reply)
    if (response) udp.send(dnsPacket.encode(response), sender.port, sender.address)
  })
  try {
    await new Promise<void>((resolve, reject) => {
      udp.once('error', reject).bind(port, '127.0.0.1', () => {
        udp.off('error', reject).on('error', () => {})
        resolve()
      })
    })
  } catch (thrown) {
    await tcp.close()
    throw thrown
  }
  return {
    async close() {
      await Promise.all([tcp.close(), new Promise<void>((resolve) => udp.close(resolve))])
    },
  }
}

/** Messages over TCP have their length in front, and may come in pieces. */
function serveTcp(socket: Socket, reply: (query: Packet) => Packet | null): void {
  let pending = Buffer.alloc(0)
  socket.on('data', (bytes) => {
    pending = Buffer.concat([pending, typeof bytes === 'string' ? Buffer.from(bytes) : bytes])
    while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
      const end = 2 + pending.readUInt16BE(0)
      const response = respond(pending.subarray(2, end), reply)
      pending = pending.subarray(end)
      if (response) socket.write(dnsPacket.streamEncode(response))
    }
  })
}

/** What is no DNS message gets no answer. */
function respond(message: Buffer, reply: (query: Packet) => Packet | null): Packet | null {
  let query: Packet
  try {
    query = dnsPacket.decode(message)
  } catch {
    return null
  }
  return query.type === 'query' ? reply(query) : null
}

function answer(query: Packet, world: World, requests: Requests): Packet | null {
  const question = query.questions?.[0]
  if (!question) return null
  requests.record({ kind: 'dns', name: question.name, type: question.type })
  if (world.unanswered.some((name) => same(name, question.name))) return null
  const known = world.names.filter(({ name }) => same(name, question.name))
  const recursion = (query.flags ?? 0) & dnsPacket.RECURSION_DESIRED
  const flags = dnsPacket.AUTHORITATIVE_ANSWER | dnsPacket.RECURSION_AVAILABLE | recursion
  return {
    type: 'response',
    ...(query.id === undefined ? {} : { id: query.id }),
    flags: flags | (known.length === 0 ? nameError : 0),
    questions: [question],
    answers: known.filter(({ type }) => type === question.type).map((record) => answerOf(record, question)),
  }
}

function answerOf(record: NameRecord, question: Question): Answer {
  const { name } = question
  if (record.type === 'A') return { type: 'A', name, ttl: timeToLive, data: record.address }
  const { priority, weight, port, target } = record
  return { type: 'SRV', name, ttl: timeToLive, data: { priority, weight, port, target } }
}
