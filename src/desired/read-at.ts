import { load, type Fault, type Loaded } from './load.ts'
import type { Mirror } from './mirror.ts'

/** Desired state of one commit that the mirror has. */
export async function readAt(mirror: Mirror, commit: string, path: string, signal: AbortSignal): Promise<Loaded> {
  const files = await mirror.files(commit, path, signal)
  return files ? load(commit, files) : { ok: false, errors: [pathMissing(path)], warnings: [] }
}

function pathMissing(path: string): Fault {
  return {
    code: 'source-path-missing',
    file: path,
    line: 1,
    column: 1,
    message: 'The revision has no folder of that name.',
    hint: 'Check git.path and git.branch in holdfast.yaml. An empty desired state is refused.',
  }
}
