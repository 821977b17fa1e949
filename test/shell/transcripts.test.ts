import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { Problem } from '../../src/base/problem.ts'
import { systemRandom } from '../../src/base/random.ts'
import type { CallName } from '../../src/drivers/shell/host.ts'
import { openShellHost } from '../../src/drivers/shell/shell-host.ts'
import { contosoLab } from '../lab/support.ts'
import { cli } from '../support/lab.ts'
import { rawSession, type Line } from './management-host.ts'
import { scenarios, type Scenario } from './scenarios.ts'
import { current, readTranscript, recorded, transcripts, unmarked, type Transcript } from './transcript.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-transcripts-'))
const never = new AbortController().signal
const names = recorded()
let lab: Awaited<ReturnType<typeof contosoLab>>

beforeAll(async () => {
  lab = await contosoLab()
})
afterAll(async () => {
  await lab[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

describe('what a real engine answered', () => {
  test('is there for each scenario, from one engine and one script', () => {
    expect(names.toSorted()).toEqual(scenarios.map(({ name }) => name).toSorted())
    expect(new Set(names.map((name) => JSON.stringify(readTranscript(name).proved))).size).toBe(1)
  })

  test(proof(), () => {
    for (const name of names) expect(readTranscript(name).proved.engine).toMatch(/^\d+\.\d+/)
  })

  test.each(names)('is accepted by the driver: %s', async (name) => {
    const replay = join(import.meta.dirname, 'fixtures', 'replay.mjs')
    const command = [process.execPath, replay, join(transcripts, `${name}.jsonl`), folder]
    const settings = { transport: 'local' as const, command, scratch: folder, deadlineSeconds: 7200 }
    await using shell = openShellHost({ settings, folder, clock: systemClock, random: systemRandom })
    for (const { request, answer } of readTranscript(name).exchanges) {
      const asked = shell.call(
        request.call as CallName,
        unmarked(request.parameters, folder) as Record<string, string>,
        never,
      )
      await expectAnswer(asked, answer)
    }
  })

  test.each(scenarios.filter(({ lab }) => lab !== null))(
    'has the shape of what the lab answers: $name',
    async (scenario) => {
      await using _ = await brought(scenario)
      const host = join(import.meta.dirname, '..', '..', 'src', 'lab', 'shell-host.ts')
      await using session = await rawSession([process.execPath, host, lab.paths.directory])
      const engine = readTranscript(scenario.name)
      expect(Object.keys(session.hello).toSorted()).toEqual(Object.keys(engine.hello).toSorted())
      const scratch = fresh(scenario)
      for (const { request, answer } of engine.exchanges) {
        const simulated = await session.ask(request.call, unmarked(request.parameters, scratch))
        expect(shape(simulated, scenario)).toEqual(shape(answer, scenario))
      }
    },
  )
})

/** The name of the test says what the proof is worth; so does a warning, because a change is no fault. */
function proof(): string {
  const first = names[0]
  if (first === undefined) return 'nothing is recorded'
  const { proved } = readTranscript(first)
  const now = current()
  const changed = (['script', 'table'] as const).filter((part) => proved[part] !== now[part])
  if (changed.length === 0) return `the script and its table are those proved on PowerShell ${proved.engine}`
  const words = `the ${changed.join(' and the ')} changed since it was last proved on PowerShell ${proved.engine}`
  process.stderr.write(`shell: ${words}; run npm run test:shell -- --record with an engine\n`)
  return words
}

async function expectAnswer(asked: Promise<unknown>, answer: Transcript['exchanges'][number]['answer']): Promise<void> {
  const of = (event: string): Line[] => answer.filter((line) => line['event'] === event)
  const refused = of('error').some(({ errorId, category }) => errorId === '' && category === 'InvalidArgument')
  if (refused) await expect(asked).rejects.toMatchObject({ code: 'shell-call-refused' })
  else if (of('end')[0]?.['ok'] === false) {
    const message = of('error').find(({ terminating }) => terminating === true)?.['message']
    const thrown = await asked.catch((reason: unknown) => reason)
    expect(thrown).toBeInstanceOf(Problem)
    expect(thrown).toMatchObject({ code: 'shell-call-failed', message: expect.stringContaining(String(message)) })
  } else
    expect(await asked).toEqual({
      objects: of('object').map(({ value }) => value),
      warnings: of('warning').map(({ message }) => message),
      errors: of('error').map(({ message, category, terminating }) => ({ message, category, terminating })),
    })
}

/** Kinds and types, without the words; many objects of one shape count as one. */
function shape(answer: readonly Line[], { ownErrors }: Scenario): unknown[] {
  const shapes = answer.map((line) =>
    JSON.stringify({
      keys: Object.keys(line).toSorted(),
      event: line['event'],
      end: line['ok'] ?? line['terminating'] ?? null,
      category: ownErrors && line['event'] === 'error' ? line['category'] : null,
      value: valueShape(line['value']),
    }),
  )
  return shapes.filter((one, index) => one !== shapes[index - 1])
}

function valueShape(value: unknown): unknown {
  if (Array.isArray(value)) return ['list', ...new Set(value.map((one) => JSON.stringify(valueShape(one))))]
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value
  return Object.entries(value)
    .map(([name, one]) => [name, valueShape(one)])
    .toSorted()
}

function fresh({ name, existing }: Scenario): string {
  const scratch = join(folder, name)
  mkdirSync(scratch)
  if (existing !== undefined) writeFileSync(join(scratch, existing), 'something')
  return scratch
}

/** Brings the lab to what the scenario tells, until disposed. */
async function brought({ lab: change }: Scenario): Promise<AsyncDisposable> {
  if (change === null || change === 'as it is') return { [Symbol.asyncDispose]: () => Promise.resolve() }
  await tell('break', ...change)
  return { [Symbol.asyncDispose]: async () => await tell('repair', change[0], change[1]) }
}

async function tell(...words: string[]): Promise<void> {
  expect(await cli('lab', ...words, '--dir', lab.paths.directory)).toMatchObject({ code: 0, err: '' })
}
