import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { processesNaming } from '../support/processes.ts'

// Fault S16: one call that never stops to answer filled the memory of the daemon in ten seconds.

const run = promisify(execFile)
const [caller, host] = ['call-a-shell-host.ts', 'hostile-host.mjs'].map((name) =>
  join(import.meta.dirname, 'fixtures', name),
) as [string, string]
/** Megabytes: less than the answers of a few seconds. */
const heap = 192

test.each([
  ['warnings', '1'],
  ['errors', '1'],
  ['objects', '1000000'],
  ['noise', '100'],
  ['noise', '1000000'],
])('%s without end, of %s characters each', async (deed, characters) => {
  const mark = randomUUID() // others play the same host beside this
  const command = [process.execPath, host, deed, characters, mark]
  const { stdout } = await run(process.execPath, [`--max-old-space-size=${heap}`, caller, ...command])
  expect(stdout).toBe('shell-answer-too-large')
  expect(processesNaming(mark)).toEqual([])
})
