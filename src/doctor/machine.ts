import { systemClock } from '../base/clock.ts'
import { Problem } from '../base/problem.ts'
import { outputOf, startChild } from '../drivers/child/child.ts'
import { environmentWithoutSecrets } from '../drivers/child/environment.ts'

/** The machine that the daemon runs on. */
export interface Machine {
  /** Version of Node.js, such as `24.1.0`. */
  node: string
  /** What `git --version` says. Throws Problem `software-unsuitable` where there is no Git. */
  git(signal: AbortSignal): Promise<string>
}

export const thisMachine: Machine = {
  node: process.versions.node,
  async git(signal) {
    const child = startChild({
      command: ['git', '--version'],
      folder: process.cwd(),
      environment: environmentWithoutSecrets(),
      clock: systemClock,
    })
    const said = await outputOf(child, signal)
    if (child.failure) throw new Problem('software-unsuitable', { subject: 'git', ...child.failure })
    return said
  },
}
