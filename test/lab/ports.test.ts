import { expect, test } from 'vitest'
import { listenTcp, openOn, openPorts } from '../../src/lab/ports.ts'

const many = Array.from({ length: 250 })

test('a port that was given is given to nobody else while its lab runs, whether something listens on it or not', async () => {
  await using one = await openPorts()
  await using other = await openPorts()
  const ofOne = await Promise.all(many.map(() => one.next()))
  const ofOther = await Promise.all(many.map(() => other.next()))
  expect(new Set([...ofOne, ...ofOther]).size).toBe(2 * many.length)
})

test('a lab that runs again has its blocks again, but those that another one has by now', async () => {
  const before = await openPorts()
  await before.next()
  const { blocks } = before
  await before[Symbol.asyncDispose]()
  await using again = await openPorts(blocks)
  expect(again.blocks).toEqual(blocks)
  await using late = await openPorts(blocks)
  expect(late.blocks).toEqual([])
  await using stranger = await openPorts()
  await stranger.next()
  expect(stranger.blocks).not.toEqual(blocks)
})

test('a port that another program listens on is passed over, and is told of where it is wanted', async () => {
  await using ports = await openPorts()
  const first = await ports.next()
  const stranger = await listenTcp(first + 1, (socket) => socket.destroy())
  const open = (port: number): ReturnType<typeof listenTcp> => listenTcp(port, (socket) => socket.destroy())
  const { port, opened } = await openOn(null, 'sql01.contoso.com', open, ports)
  expect(port).toBeGreaterThan(first + 1)
  await expect(openOn(first + 1, 'sql01.contoso.com', open, ports)).rejects.toMatchObject({ code: 'lab-port-taken' })
  await Promise.all([opened.close(), stranger.close()])
})
