import { Problem } from '../base/problem.ts'
import type { Located } from '../base/yaml.ts'

export interface ConfigFault extends Located {
  message: string
}

/** Everything that is wrong with the file, in one Problem. */
export function configInvalid(file: string, faults: readonly ConfigFault[]): Problem {
  const [only, ...others] = faults
  const lines = faults.map((fault) => `${fault.file}:${fault.line}:${fault.column}: ${fault.message}`)
  const isAlone = only?.file === file && others.length === 0
  return new Problem('config-invalid', {
    subject: file,
    message: isAlone ? `${only.line}:${only.column}: ${only.message}` : `${lines.length} faults:\n${lines.join('\n')}`,
    hint: 'docs/reference/holdfast-yaml.md lists what is allowed there.',
  })
}
