/** `npm run test:shell [-- --record]`: the shell suite; with `--record` and an engine it writes the transcripts anew. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { engine } from './engine.ts'

const { record } = parseArgs({ options: { record: { type: 'boolean', default: false } } }).values
if (record && engine === null) {
  process.stderr.write(
    'Transcripts are recorded by a PowerShell engine: npm run setup:tests, put pwsh into PATH, or name it by HOLDFAST_PWSH.\n',
  )
  process.exit(2)
}
const root = join(import.meta.dirname, '..', '..')

/** Runs vitest; true when all passed. */
function vitest(...what: string[]): boolean {
  const program = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const environment = { ...process.env, ...(record ? { HOLDFAST_SHELL_RECORD: '1' } : {}) }
  return (
    spawnSync(process.execPath, [program, 'run', ...what], { cwd: root, stdio: 'inherit', env: environment }).status ===
    0
  )
}

// What is recorded is judged only when it is whole.
const passed = record
  ? vitest('test/shell/engine.test.ts') && vitest('test/shell', '--exclude', '**/engine.test.ts')
  : vitest('test/shell')
process.exitCode = passed ? 0 : 1
