/** The whole lab without DNS: what a person reads fits on a screen and a half. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { breaksOf, change } from '../../src/lab/lab.ts'
import { cli, startLab, type Outcome, type TestLab } from '../support/lab.ts'

let lab: TestLab
beforeAll(async () => {
  lab = await startLab()
})
afterAll(() => lab[Symbol.asyncDispose]())

interface Settings {
  dns: { servers: string[] }
  hosts: Record<string, { address?: string }>
}

/** Machines are looked for by name, as in life. */
async function doctor(more: Partial<Settings> = {}): Promise<Outcome & { blocks: string[]; lines: number }> {
  const settings = { ...(parse(await readFile(lab.config, 'utf8')) as Settings), ...more }
  for (const host of Object.values(settings.hosts)) delete host.address
  const config = join(lab.dir, 'by-name.yaml')
  await writeFile(config, stringify(settings))
  const outcome = await cli('doctor', '--config', config)
  const lines = outcome.out.split('\n')
  return { ...outcome, lines: lines.length, blocks: lines.filter((line) => line.startsWith('FAILED  ')) }
}

test('no name server answers: one block', async () => {
  const { code, out, blocks, lines } = await doctor({ dns: { servers: ['127.0.0.1:9'] } })
  expect(code).toBe(1)
  expect(blocks).toEqual(['FAILED  dns  127.0.0.1:9'])
  expect(lines).toBeLessThan(60)
  expect(out).toContain('\n1 of 141 checks failed (1 cause), 111 could not be tried.\n')
})

test('the name server lost every name: one block that lists them', async () => {
  const names = breaksOf(lab.dir).find(({ kind }) => kind === 'dns')?.subjects ?? []
  for (const subject of names) await change(lab.dir, 'break', { kind: 'dns', subject, detail: 'missing' })
  const { code, blocks, lines } = await doctor()
  for (const subject of names) await change(lab.dir, 'repair', { kind: 'dns', subject, detail: null })
  expect(code).toBe(1)
  expect(blocks).toEqual(['FAILED  name  34 subjects'])
  expect(lines).toBeLessThan(60)
})

test('the cmdlet that tells which of two paired pools serves is missed, and that is no fault', async () => {
  const subject = 'Get-CsRegistrarConfiguration'
  await lab.break('cmdlet', subject, 'missing')
  const { code, json } = await lab.json<{ checks: { name: string; subject: string; outcome: string }[] }>('doctor')
  await lab.repair('cmdlet', subject)
  expect(code).toBe(0)
  expect(json.checks.filter(({ name, outcome }) => name === 'cmdlet' && outcome !== 'ok')).toEqual([
    {
      ...{ name: 'cmdlet', subject, outcome: 'skipped' },
      message:
        'The session has no cmdlet Get-CsRegistrarConfiguration. Without it nobody sees which of two paired pools serves; the copies of their user data count all the same.',
    },
  ])
})
