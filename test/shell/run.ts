/** `npm run test:shell [-- --record]`: the shell suite; with `--record` and an engine it writes the transcripts anew. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { engine } from './engine.ts'

const { record } = parseArgs({ options: { record: { type: 'boolean', default: false } } }).values
if (record && engine === null) {
  process.stderr.write(
    'Transcripts are recorded by a PowerShell engine: put pwsh into PATH, or name it by HOLDFAST_PWSH.\n',
  )
  process.exit(2)
}
const root = join(import.meta.dirname, '..', '..')
const { status } = spawnSync(
  process.execPath,
  [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', 'test/shell'],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...(record ? { HOLDFAST_SHELL_RECORD: '1' } : {}) },
  },
)
process.exitCode = status ?? 1
