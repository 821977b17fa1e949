import type { Clock } from '../base/clock.ts'
import { Problem } from '../base/problem.ts'
import type { Loaded } from './load.ts'
import { loadApart } from './load-apart.ts'
import type { Mirror } from './mirror.ts'

/** Desired state of one commit that the mirror has. */
export function readAt(
  mirror: Mirror,
  commit: string,
  path: string,
  world: { clock: Clock; signal: AbortSignal },
): Promise<Loaded> {
  const read = async () => {
    const files = await mirror.files(commit, path, world.signal)
    if (files === null) throw pathMissing(path)
    return files
  }
  return loadApart(commit, read, world)
}

function pathMissing(path: string): Problem {
  return new Problem('source-path-missing', {
    subject: path,
    message: 'The revision has no folder of that name.',
    hint: 'Check git.path and git.branch in holdfast.yaml. An empty desired state is refused.',
  })
}
