/** Two daemons with one owner id and two state stores on one share: a copied configuration, or two in one folder. */
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { age } from '../support/driven.ts'
import { cli, startCli, startLab, type Outcome, type TestLab } from '../support/lab.ts'
import { until } from '../support/until.ts'

let lab: TestLab
let second: string

beforeAll(async () => {
  lab = await startLab()
  second = join(lab.dir, 'second.yaml')
  const text = await readFile(lab.config, 'utf8')
  await writeFile(second, text.replace('state: ./state.db', 'state: ./second.db'))
})
afterAll(() => lab[Symbol.asyncDispose]())

interface Run {
  id: string
  /** First and last write, by the clock of the share. */
  from: number
  to: number
  committed: boolean
}

/** The runs that left a folder on the share, with the times of everything in it. */
function runs(): Run[] {
  return ['nightly', 'file-stores'].flatMap((policy) => {
    const folder = join(lab.share, policy)
    const names = readdirSync(lab.share).includes(policy) ? readdirSync(folder) : []
    return names.flatMap((name) => {
      const own = join(folder, name)
      if (!existsSync(join(own, 'backup-set.json'))) return [] // only just begun
      const tags = readdirSync(own).filter((file) => file !== 'data' && !file.endsWith('.part'))
      const times = [own, ...tags.map((file) => join(own, file))].map((path) => statSync(path).mtimeMs)
      const record = JSON.parse(readFileSync(join(own, 'backup-set.json'), 'utf8')) as { startedAt: string }
      return {
        id: `${policy}/${name}`,
        from: Date.parse(record.startedAt),
        to: Math.max(...times),
        committed: tags.includes('tagmanifest-sha256.txt'),
      }
    })
  })
}

const bySecond = (...words: string[]): Promise<Outcome> => cli(...words, '--config', second)

test('exactly one acts; the other is refused, says so, and goes on once the first is seen to be gone', async () => {
  const first = startCli('run', '--config', lab.config)
  const exited = once(first, 'exit')
  await until(() => Promise.resolve(runs().filter(({ committed }) => committed).length === 2 ? true : undefined))
  const other = startCli('run', '--config', second)
  const otherExited = once(other, 'exit')
  await until(async () => {
    const { out } = await bySecond('status', '--output', 'json')
    return out.includes('location-in-use') ? true : undefined
  })

  const status = await bySecond('status', '--output', 'json')
  const asked = await bySecond('backup', 'file-stores', '--wait')
  other.kill('SIGTERM')
  await otherExited
  const refused = await bySecond('run', '--once')
  const ofFirst = await lab.json<{ set: { id: string; state: string } }>('backup', 'file-stores', '--wait')

  const { verdict } = JSON.parse(status.out) as {
    verdict: { state: string; reasons: { code: string; subject: string }[] }
  }
  expect(verdict).toMatchObject({ state: 'not-ok' })
  expect(verdict.reasons).toContainEqual(expect.objectContaining({ code: 'location-in-use', subject: 'backup01' }))
  expect(asked).toMatchObject({ code: 4 })
  expect(asked.err).toContain('location-in-use')
  expect(refused).toMatchObject({ code: 4 })
  expect(refused.out).toContain('location-in-use')
  expect(ofFirst).toMatchObject({ code: 0, json: { set: { state: 'complete' } } })
  expect(runs()).toHaveLength(3)

  first.kill('SIGKILL')
  await exited
  const before = runs()
  expect(await bySecond('run', '--once')).toMatchObject({ code: 4 })
  expect(runs()).toEqual(before)
  await age(join(lab.share, 'journal', 'owner.json'), 181)
  expect(await bySecond('backup', 'file-stores', '--wait')).toMatchObject({ code: 0 })

  // Now the first is the one that comes second; what it did had ended before.
  const back = await lab.holdfast('backup', 'file-stores', '--wait')
  expect(back).toMatchObject({ code: 0 }) // the second has ended in order: nobody waits for it
  const later = runs().filter(({ id }) => !before.some((one) => one.id === id))
  expect(later).toHaveLength(2)
  const inOrder = [Math.max(...before.map(({ to }) => to)), ...later.flatMap(({ from, to }) => [from, to])]
  expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b))
}, 90_000)
