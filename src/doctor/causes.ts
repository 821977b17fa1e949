import { foldSubject } from '../domain/subject.ts'
import type { CheckResult } from './check.ts'

/** One cause: the checks of one name that failed in the same way, and what each of them kept from being tried. */
export interface Cause {
  name: string
  subjects: readonly string[]
  /** Where there are several subjects, `<subject>` and `<host>` replace each. */
  message: string
  /** Each one once; usually there is one. */
  remedies: readonly string[]
  skipped: readonly CheckResult[]
}

/** The failures in their order, those with the same code and text as one. */
export function causesOf(results: readonly CheckResult[]): Cause[] {
  const failed = results.filter(({ outcome }) => outcome === 'failed')
  const groups = Map.groupBy(failed, (result) => `${result.name} ${general(result.message, result.subject)}`)
  return [...groups.values()].map((group) => causeOf(group, results))
}

function causeOf(group: readonly CheckResult[], results: readonly CheckResult[]): Cause {
  const text = (said: string, { subject }: CheckResult): string => (group.length > 1 ? general(said, subject) : said)
  return {
    name: group[0]?.name ?? '',
    subjects: group.map(({ subject }) => subject),
    message: group.map((one) => text(one.message, one))[0] ?? '',
    remedies: [...new Set(group.map((one) => text(one.remedy ?? '', one)))],
    skipped: results.filter(({ because }) =>
      group.some(({ name, subject }) => because?.name === name && because.subject === subject),
    ),
  }
}

/** The text without what is peculiar to one subject: its name and, of an instance, a database or a path, its machine. */
function general(text: string, subject: string): string {
  const host = subject.replace(/^\\\\/, '').split(/[\\/]/)[0] ?? subject
  return replaceAll(replaceAll(text, subject, '<subject>'), host, '<host>')
}

/** Whatever its case. Short words such as `git` are not names to look for. */
function replaceAll(text: string, name: string, by: string): string {
  if (!name.includes('.')) return text
  const folded = foldSubject(text)
  const at = folded.indexOf(foldSubject(name))
  if (at < 0) return text
  return text.slice(0, at) + by + replaceAll(text.slice(at + name.length), name, by)
}
