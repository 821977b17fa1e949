import { Problem } from '../base/problem.ts'
import type { Located } from '../base/yaml.ts'

export interface ConfigFault extends Located {
  message: string
}

/** Everything that is wrong with the file, in one Problem. */
export function configInvalid(file: string, faults: readonly ConfigFault[]): Problem {
  const lines = faults.map((fault) => `${fault.file}:${fault.line}:${fault.column}: ${fault.message}`)
  return new Problem('config-invalid', {
    ...(lines.length === 1 ? {} : { subject: file }), // a single fault begins with its place
    message: lines.length === 1 ? (lines[0] ?? '') : `${lines.length} faults:\n${lines.join('\n')}`,
    hint: 'docs/reference/holdfast-yaml.md lists what is allowed there.',
  })
}
