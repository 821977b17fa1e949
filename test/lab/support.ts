import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startLab, type RunningLab } from '../../src/lab/lab.ts'
import { readWorld, type World } from '../../src/lab/world.ts'

export const sample = join(import.meta.dirname, '..', '..', 'desired-state')

/** A folder that is gone when disposed. */
export function temporaryFolder(): { path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'holdfast-lab-'))
  return {
    path,
    [Symbol.dispose]() {
      rmSync(path, { recursive: true, force: true })
    },
  }
}

/** A running Contoso lab in a folder of its own; both are gone when disposed. */
export async function contosoLab(): Promise<
  RunningLab & { world: () => World; requests: () => Record<string, unknown>[] }
> {
  const folder = temporaryFolder()
  const lab = await startLab(join(folder.path, 'lab'), sample)
  return {
    ...lab,
    world: () => readWorld(lab.paths),
    requests: () =>
      readFileSync(lab.paths.requests, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    async [Symbol.asyncDispose]() {
      await lab[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    },
  }
}
