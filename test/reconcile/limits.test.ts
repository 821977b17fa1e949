import { expect, test } from 'vitest'
import { createLimits } from '../../src/reconcile/limits.ts'

const signal = new AbortController().signal

/** Runs tasks under limits and tells the most that ran at once, by name. */
async function peaks(
  limits: Parameters<typeof createLimits>[0],
  wants: readonly (string | null)[],
): Promise<Map<string, number>> {
  const limit = createLimits(limits)
  const now = new Map<string, number>()
  const most = new Map<string, number>()
  const change = (name: string, by: number): void => {
    now.set(name, (now.get(name) ?? 0) + by)
    most.set(name, Math.max(most.get(name) ?? 0, now.get(name) ?? 0))
  }
  await Promise.all(
    wants.map((name) =>
      limit(name === null ? null : { kind: 'sqlInstance', subject: name }, signal, async () => {
        for (const key of [name ?? 'none', 'all']) change(key, 1)
        await new Promise((resolve) => setImmediate(resolve))
        for (const key of [name ?? 'none', 'all']) change(key, -1)
      }),
    ),
  )
  return most
}

test('one instance does one thing at a time, whatever its spelling, and others go on beside it', async () => {
  const most = await peaks({ sqlInstance: 1, share: 4, shellHost: 1, overall: 8 }, [
    'sql01\\rtc',
    'sql01\\rtc',
    'sql02\\rtc',
    'sql02\\rtc',
  ])

  expect(most.get('sql01\\rtc')).toBe(1)
  expect(most.get('all')).toBe(2)
  const folded = createLimits({ sqlInstance: 1, share: 1, shellHost: 1, overall: 8 })
  const order: string[] = []
  await Promise.all([
    folded({ kind: 'sqlInstance', subject: 'SQL01\\RTC' }, signal, async () => {
      await new Promise((resolve) => setImmediate(resolve))
      order.push('first')
    }),
    folded({ kind: 'sqlInstance', subject: 'sql01\\rtc' }, signal, () => Promise.resolve(order.push('second'))),
  ])
  expect(order).toEqual(['first', 'second'])
})

test('the daemon as a whole has a limit, and who waits for a busy instance takes no place in it', async () => {
  const most = await peaks({ sqlInstance: 1, share: 4, shellHost: 1, overall: 2 }, ['a', 'a', 'a', 'b', null, null])

  expect(most.get('all')).toBe(2)
  expect(most.get('b')).toBe(1)
  expect(most.get('none')).toBeGreaterThan(0)
})

test('a task that was not yet started when the signal was aborted never starts', async () => {
  const limit = createLimits({ sqlInstance: 1, share: 1, shellHost: 1, overall: 1 })
  const stop = new AbortController()
  let release = (): void => {}
  const first = limit(null, stop.signal, () => new Promise<void>((resolve) => (release = resolve)))
  let ran = false
  const second = limit(null, stop.signal, () => Promise.resolve((ran = true)))

  stop.abort(new Error('stopped'))
  release()

  await expect(second).rejects.toThrow('stopped')
  await first.catch(() => {})
  expect(ran).toBe(false)
})

test('one share is one, whatever folder of it is read or checked, and in whatever spelling', async () => {
  const most = async (...subjects: string[]): Promise<number> => {
    const limit = createLimits({ sqlInstance: 1, share: 1, shellHost: 1, overall: 8 })
    let [now, peak] = [0, 0]
    const task = async (): Promise<void> => {
      peak = Math.max(peak, ++now)
      await new Promise((resolve) => setImmediate(resolve))
      now--
    }
    await Promise.all(subjects.map((subject) => limit({ kind: 'share', subject }, signal, task)))
    return peak
  }
  const files = '\\\\fs01.contoso.com\\Lync'
  expect(await most(files, '\\\\FS01.contoso.com\\lync\\holdfast', `${files}\\sub\\folder`)).toBe(1)
  expect(await most(files, '\\\\fs01.contoso.com\\Backup', '\\\\fs02.contoso.com\\Lync')).toBe(3)
})
