import { vi } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { screenOf } from './screen.ts'

/** The same on a terminal: what stands on its screen in the end. */
export async function onScreen(cwd: string, ...argv: string[]): Promise<{ code: number; lines: string[] }> {
  let output = ''
  const write = (text: unknown): boolean => {
    output += String(text)
    return true
  }
  const live = vi.spyOn(process.stderr, 'write').mockImplementation(write)
  try {
    const signal = new AbortController().signal
    const code = await main(argv, {
      ...{ out: write, err: write, interactive: true, columns: 80, cwd, env: { NO_COLOR: '1' }, signal },
    })
    return { code, lines: screenOf(output) }
  } finally {
    live.mockRestore()
  }
}

/** Runs one command line in this process, as a person would in `cwd`. */
export async function holdfast(
  cwd: string,
  ...argv: string[]
): Promise<{ code: number; out: string; err: string; json: () => unknown }> {
  let out = ''
  let err = ''
  const code = await main(argv, {
    out: (text) => (out += text),
    err: (text) => (err += text),
    interactive: false,
    columns: 80,
    cwd,
    env: process.env,
    signal: new AbortController().signal,
  })
  return { code, out, err, json: () => JSON.parse(out) as unknown }
}
