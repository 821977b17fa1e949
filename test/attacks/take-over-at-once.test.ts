/** Six configurations take over one location at once. */
import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cli, startLab, type TestLab } from '../support/lab.ts'

let lab: TestLab

beforeAll(async () => {
  lab = await startLab()
})
afterAll(() => lab[Symbol.asyncDispose]())

/** A configuration in a folder of its own: another owner id, another state store. */
async function configuration(name: string): Promise<string> {
  await mkdir(join(lab.dir, name))
  const file = join(lab.dir, name, 'holdfast.yaml')
  await writeFile(file, await readFile(lab.config, 'utf8'))
  return file
}

const ownerOn = (share: string): unknown =>
  (JSON.parse(readFileSync(join(share, 'holdfast-location.json'), 'utf8')) as { owner: unknown }).owner

test('six at once: one succeeds, the others are refused, and the identity names the one', async () => {
  expect(await lab.holdfast('backup', 'file-stores', '--wait')).toMatchObject({ code: 0 })
  const files = await Promise.all([1, 2, 3, 4, 5, 6].map((number) => configuration(`six-${number}`)))

  const ends = await Promise.all(
    files.map(async (file) => ({ file, ...(await cli('take-over', 'backup01', '--config', file)) })),
  )

  const taken = ends.filter(({ code }) => code === 0)
  expect(taken).toHaveLength(1)
  for (const { code, err } of ends.filter((one) => one !== taken[0])) {
    expect(code).toBe(4)
    expect(err).toContain('location-foreign-owner')
  }
  const id = (await readFile(join(taken[0]!.file, '..', 'owner.id'), 'utf8')).trim()
  expect(ownerOn(lab.share)).toBe(id)
  expect(readdirSync(lab.share).filter((name) => name.startsWith('holdfast-location'))).toEqual([
    'holdfast-location.json',
  ])
}, 60_000)
