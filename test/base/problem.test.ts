import { expect, test } from 'vitest'
import { Problem, thrownLater, toProblem } from '../../src/base/problem.ts'

test('an error while something is closed never hides the first one', async () => {
  const failing = (name: string) => () => {
    throw new Problem('state-store-busy', { message: name })
  }
  const work = async (): Promise<void> => {
    await using opened = new AsyncDisposableStack()
    opened.defer(failing('opened first'))
    opened.defer(failing('opened last'))
    throw new Problem('lease-lost', { message: 'Another process took the lease.' })
  }
  const thrown: unknown = await work().catch((error: unknown) => error)
  expect(toProblem(thrown)).toMatchObject({ code: 'lease-lost' })
  expect(thrownLater(thrown).map((later) => toProblem(later).message)).toEqual(['opened last', 'opened first'])
})

test('what nobody foresaw keeps its cause', () => {
  const cause = new Error('what?')
  expect(toProblem(cause)).toMatchObject({ code: 'unexpected', message: 'what?', cause })
  expect(thrownLater(cause)).toEqual([])
})
