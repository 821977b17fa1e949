import { Problem, toProblem } from '../../base/problem.ts'
import type { Check } from '../check.ts'
import type { Surroundings } from '../surroundings.ts'

const oldestNode = 24
/** `--no-write-fetch-head` and the options of `cat-file` that are used are older. */
const oldestGit = { major: 2, minor: 29 }

export function softwareChecks({ machine }: Pick<Surroundings, 'machine'>): [node: Check, git: Check] {
  return [
    {
      ...{ name: 'node', subject: 'Node.js', group: 'local', deadlineSeconds: 10 },
      attempt: () => Promise.resolve(judgeNode(machine.node)),
    },
    {
      ...{ name: 'git', subject: 'git', group: 'local', deadlineSeconds: 20 },
      async attempt(signal) {
        const said = await machine.git(signal).catch((thrown: unknown) => {
          signal.throwIfAborted()
          throw unsuitable('git', toProblem(thrown).message, gitHint)
        })
        return judgeGit(said)
      },
    },
  ]
}

function judgeNode(version: string): string {
  if (Number.parseInt(version, 10) >= oldestNode) return `version ${version}`
  throw unsuitable('Node.js', `This is Node.js ${version}.`, `Install Node.js ${oldestNode} or newer.`)
}

function judgeGit(said: string): string {
  const [version, major, minor] = /(\d+)\.(\d+)[\w.]*/.exec(said) ?? []
  const isNew =
    Number(major) > oldestGit.major || (Number(major) === oldestGit.major && Number(minor) >= oldestGit.minor)
  if (version !== undefined && isNew) return `version ${version}`
  throw unsuitable('git', `This is Git ${version ?? 'of an unknown version'}.`, gitHint)
}

const gitHint = `Install Git ${oldestGit.major}.${oldestGit.minor} or newer, and check that it is in PATH.`

function unsuitable(subject: string, message: string, hint: string): Problem {
  return new Problem('software-unsuitable', { subject, message, hint })
}
