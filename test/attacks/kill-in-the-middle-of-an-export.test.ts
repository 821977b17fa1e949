/** Exports hold personal data: those of a daemon that was killed go when it starts again, and nothing else does. */
import { once } from 'node:events'
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startCli, startLab, type TestLab } from '../support/lab.ts'
import { until } from '../support/until.ts'

let lab: TestLab
beforeAll(async () => {
  lab = await startLab()
}, 180_000)
afterAll(() => lab[Symbol.asyncDispose]())

test('what was left in scratch is gone, and what others keep there is not', async () => {
  const scratch = join(lab.dir, 'scratch')
  const listed = (): string[] => readdirSync(scratch).sort()
  await lab.break('cmdlet', 'Export-CsUserData', 'hangs')
  const victim = startCli('run', '--config', lab.config)
  const left = await until(() => {
    const names = listed()
    return Promise.resolve(names.length > 0 ? names : undefined)
  })
  victim.kill('SIGKILL')
  await once(victim, 'exit')
  await lab.repair('cmdlet', 'Export-CsUserData')
  const strangers = [`holdfast-00000000-${'0'.repeat(32)}`, `holdfast-${'1'.repeat(32)}`, 'somebody']
  for (const name of strangers) mkdirSync(join(scratch, name))

  expect((await lab.holdfast('run', '--once')).code).toBe(0)
  expect(left.filter((name) => listed().includes(name))).toEqual([])
  expect(listed()).toEqual(strangers)
})
