import { Problem } from '../base/problem.ts'
import type { Facts } from '../domain/facts.ts'
import type { Observation } from '../domain/observation.ts'

/** Why there is no desired state to act by: with the code of the cause, whoever asks. */
export function nothingValid(fact: Observation<Facts['source']>, url: string): Problem {
  if (!fact.known) return unread(url, fact.error)
  const { head, invalid, unreachable } = fact.value
  if (invalid.length > 0) {
    const isPath = invalid.every(({ code }) => code === 'source-path-missing')
    const lines = invalid.map(({ message }) => message)
    return new Problem(isPath ? 'source-path-missing' : 'desired-state-invalid', {
      subject: url,
      message: `No valid desired state was ever read. Revision ${head?.slice(0, 12) ?? ''}:\n  ${lines.join('\n  ')}`,
      hint: isPath
        ? 'Check git.path and git.branch in holdfast.yaml.'
        : 'Correct the files and commit; holdfast validate shows the same faults before a commit.',
    })
  }
  if (!unreachable) return unread(url, 'the repository was not read yet')
  const { code, message, hint } = unreachable
  return new Problem(code, {
    subject: url,
    message: `No valid desired state was ever read: ${message}`,
    ...(hint === null ? {} : { hint }),
  })
}

function unread(url: string, why: string): Problem {
  return new Problem('source-unreachable', { subject: url, message: `No valid desired state was ever read: ${why}.` })
}
