import { expect, test } from 'vitest'
import { startChild } from './processes.ts'
import { freshFile, opened } from './rooms.ts'

test('a store whose writer was killed at any moment opens, verifies and holds no half of anything', async () => {
  const file = freshFile()
  for (const milliseconds of [0, 3, 11, 29]) {
    const child = startChild('writer', file)
    expect(await child.line()).toBe('writing')
    await new Promise((resolve) => setTimeout(resolve, milliseconds))
    child.process.kill('SIGKILL')
    await child.exited
    const store = opened(file)
    expect(store.journal.verify().ok).toBe(true)
    const open = store.intents.unresolved()
    expect(open.length).toBeLessThanOrEqual(1)
    const entries = store.journal.list()
    const started = entries.filter(({ type }) => type === 'action-started').length
    const done = entries.filter(({ type }) => type === 'action-done').length
    expect(started - done).toBe(open.length)
    for (const { action, startedAt } of open) {
      store.intents.close(action.id, {
        action: action.id,
        kind: action.kind,
        subject: action.subject,
        slot: null,
        startedAt,
        endedAt: startedAt,
        outcome: 'done',
        message: null,
        set: null,
        request: action.request?.id ?? null,
      })
    }
    expect(store.requests.waiting().length).toBeLessThanOrEqual(1)
    for (const { id } of store.requests.waiting()) store.requests.refuse(id, { message: 'tidied up' })
    store[Symbol.dispose]()
  }
}, 30_000)
