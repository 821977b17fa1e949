import type { Clock } from '../base/clock.ts'
import type { Fault, Loaded } from './load.ts'
import { loadApart } from './load-apart.ts'
import type { Mirror } from './mirror.ts'

/** Desired state of one commit that the mirror has. */
export async function readAt(
  mirror: Mirror,
  commit: string,
  path: string,
  world: { clock: Clock; signal: AbortSignal },
): Promise<Loaded> {
  let isThere = true
  const read = async () => {
    const files = await mirror.files(commit, path, world.signal)
    isThere = files !== null
    return files ?? []
  }
  const loaded = await loadApart(commit, read, world)
  return isThere ? loaded : { ok: false, errors: [pathMissing(path)], warnings: [] }
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
