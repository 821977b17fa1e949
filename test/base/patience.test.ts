import { describe, expect, test } from 'vitest'
import type { Log } from '../../src/base/log.ts'
import { createPatience, type PatienceOptions } from '../../src/base/patience.ts'
import { Problem } from '../../src/base/problem.ts'
import { TestClock } from '../support/test-clock.ts'

type Wait = Parameters<NonNullable<PatienceOptions['onOver']>>[0]

function begin() {
  const clock = new TestClock('2026-07-29T12:00:00.000Z')
  const said: string[] = []
  const over: Wait[] = []
  const log = { warn: ({ code }: { code: string }, text: string) => said.push(`${code}: ${text}`) } as unknown as Log
  const stop = new AbortController()
  const patiently = createPatience({ clock, log, onOver: (wait) => over.push(wait) })
  return { clock, said, over, stop, patiently }
}

const busy = new Problem('state-store-busy', { message: 'It is held.' })

/** Refuses until it is let. */
function gate(problem: Problem = busy) {
  let isOpen = false
  let asked = 0
  const work = (): string => {
    asked++
    if (!isOpen) throw problem
    return 'taken'
  }
  return { work, asked: () => asked, open: () => (isOpen = true) }
}

describe('patience', () => {
  test('says once that it waits, and once that it is over, however many wait', async () => {
    const { clock, said, over, stop, patiently } = begin()
    const { work, open } = gate()
    const answers = [1, 2, 3].map(() => patiently(work, stop.signal))
    await clock.advance(60)
    expect(said).toEqual(['state-store-busy: the state store takes nothing: waiting for it'])
    open()
    await clock.advance(2)
    expect(await Promise.all(answers)).toEqual(['taken', 'taken', 'taken'])
    expect(said.slice(1)).toEqual(['state-store-busy: the state store takes changes again'])
    expect(over).toMatchObject([{ code: 'state-store-busy', since: '2026-07-29T12:00:00.000Z' }])
  })

  test('does not speak of what is over at once', async () => {
    const { clock, said, stop, patiently } = begin()
    const { work, open } = gate()
    const answer = patiently(work, stop.signal)
    await clock.advance(0.5)
    open()
    await clock.advance(2)
    expect([await answer, said]).toEqual(['taken', []])
  })

  test('is rare with those who wait for long', async () => {
    const { clock, stop, patiently } = begin()
    const { work, asked } = gate()
    void patiently(work, stop.signal)
    await clock.advance(3600)
    expect(asked()).toBeLessThan(3600)
  })

  test('is not for what does not pass', async () => {
    const { stop, patiently } = begin()
    const { work, asked } = gate(new Problem('state-store-newer', { message: 'It is newer.' }))
    await expect(patiently(work, stop.signal)).rejects.toMatchObject({ code: 'state-store-newer' })
    expect(asked()).toBe(1)
  })

  test('ends when it is told to, with the reason', async () => {
    const { stop, patiently } = begin()
    const answer = patiently(gate().work, stop.signal)
    const reason = new Error('stopped')
    stop.abort(reason)
    await expect(answer).rejects.toBe(reason)
  })

  test('gives up when its owner does', async () => {
    const { clock, stop, patiently } = begin()
    const answer = expect(patiently(gate().work, stop.signal, (waited) => waited >= 10_000)).rejects.toBe(busy)
    await clock.advance(13)
    await answer
  })
})
