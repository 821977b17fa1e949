import { execFile } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

/** The launcher in a checkout of its own, started by a Node that says it is an older one. */

const launcher = join(import.meta.dirname, '..', '..', 'src', 'cli', 'holdfast.js')
const old = `data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.1.0'}})`

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-launcher-'))
  write('package.json', '{ "type": "module" }')
  mkdirSync(join(folder, 'src', 'cli'), { recursive: true })
  copyFileSync(launcher, join(folder, 'src', 'cli', 'holdfast.js'))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

function write(file: string, text: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true })
  writeFileSync(join(folder, file), text)
  chmodSync(join(folder, file), 0o755)
}

function start(...argv: string[]): Promise<{ code: unknown; out: string; err: string }> {
  const words = ['--import', old, join(folder, 'src', 'cli', 'holdfast.js'), ...argv]
  return new Promise((resolve) => {
    execFile(process.execPath, words, (error, out, err) => {
      resolve({ code: error?.code ?? 0, out, err })
    })
  })
}

test('an old Node without a runtime beside the code is told what to do', async () => {
  const { code, out, err } = await start('status')
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toMatch(/^holdfast: Node 24 or later is needed, and this is 20\.1\.0\. Install it, or run "npm ci" /)
})

test.skipIf(process.platform === 'win32')(
  `an old Node hands over to the runtime of its system, and ends as that ended${process.platform === 'win32' ? ' (skipped on Windows: a shell script)' : ''}`,
  async () => {
    const runtime = `node_modules/node-${process.platform}-${process.arch}/bin/node`
    write(runtime, `#!/bin/sh\nshift\necho "runtime got: $*"\nexit 5\n`)
    expect(await start('status', '--exit-code')).toEqual({ code: 5, out: 'runtime got: status --exit-code\n', err: '' })
  },
)
