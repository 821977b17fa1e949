/** The order of test files: in a clean clone vitest knows no times, and goes by their sizes. */
import { relative, sep } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Rooms whose tests start labs and processes, the longest first; all others take a few seconds a file. */
const long = ['attacks/kill-at-every-step', 'e2e', 'attacks', 'shell', 'faults', 'cli']

/** What takes longest starts first, so that no worker is left alone with it at the end. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted((a, b) => rank(a) - rank(b))
  }
}

function rank({ moduleId, project }: TestSpecification): number {
  const path = relative(project.config.root, moduleId).split(sep).slice(1).join('/')
  const found = long.findIndex((room) => path.startsWith(room))
  return found === -1 ? long.length : found
}
