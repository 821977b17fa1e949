/** Says at the end of a run on which engines it ran: what the tests of one saw of it. */
import type { TestProject } from 'vitest/node'

export default function setup({ vitest }: TestProject): () => void {
  return () => {
    const tests = vitest.state.getTestModules().flatMap((module) => [...module.children.allTests('passed')])
    const seen = new Set(tests.flatMap((test) => test.meta().engine ?? []))
    if (seen.size > 0) process.stderr.write(`Engines: ${[...seen].sort().join(', ')}\n`)
  }
}
