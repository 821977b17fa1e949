#!/usr/bin/env node
// The entry that any Node can read: it finds a Node that runs TypeScript and hands over to main.ts.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const packages = join(here, '..', '..', 'node_modules')
const isWindows = process.platform === 'win32'
const runtime = `node-${isWindows ? 'win' : process.platform}-${process.arch}`
const own = join(packages, runtime, 'bin', isWindows ? 'node.exe' : 'node')

if (Number(process.versions.node.split('.')[0]) >= 24) {
  await import('./compile-cache.js')
  if (process.argv[2] !== 'lab') await import('./small-heap.js') // the lab has better use for the time than for the memory
  const { entry } = await import('../base/bundle.js')
  const { runFromProcess } = await import(entry('cli/main.ts'))
  await runFromProcess()
} else if (existsSync(own)) {
  const child = spawn(own, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  })
  // Asked by a message: on Windows a signal from another process ends it at once.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.send({ stop: signal }, () => {}))
  child.on('exit', (code, signal) => {
    process.exitCode = signal ? 128 + ({ SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }[signal] ?? 0) : (code ?? 1)
  })
} else {
  process.stderr.write(
    `holdfast: Node 24 or later is needed, and this is ${process.versions.node}. Install it, or run "npm ci" in the folder of Holdfast, which brings it for Windows and Linux.\n`,
  )
  process.exitCode = 1
}
