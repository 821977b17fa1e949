import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** The machine that the daemon runs on. */
export interface Machine {
  /** Version of Node.js, such as `24.1.0`. */
  node: string
  /** What `git --version` says. Throws where there is no Git. */
  git(signal: AbortSignal): Promise<string>
}

export const thisMachine: Machine = {
  node: process.versions.node,
  git: async (signal) => (await promisify(execFile)('git', ['--version'], { signal })).stdout,
}
