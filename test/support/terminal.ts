import { main } from '../../src/cli/main.ts'

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
