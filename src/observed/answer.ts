/** What cmdlets answered, read without guessing: what cannot be read is null, or makes the whole fact unknown. */
import { Problem } from '../base/problem.ts'
import { millisecondsOf, timeOf, type Time } from '../base/time.ts'
import type { CallResult } from '../drivers/shell/host.ts'

/** One returned object. */
export type Answer = Readonly<Record<string, unknown>>

/**
 * The objects of an answer. Throws Problem `shell-call-failed` for an error record, also one that did not end the call:
 * then nobody knows what is missing; `answer-unreadable` for what is no object.
 */
export function objectsOf(result: CallResult): readonly Answer[] {
  return returned(result).map((one) => {
    if (typeof one !== 'object' || one === null) throw unreadable(`it holds ${JSON.stringify(one)}`)
    return one as Answer
  })
}

/** An answer that is text, whole. Throws as `objectsOf` does. */
export function textAnswer(result: CallResult): string {
  const texts = returned(result).map((one) => {
    if (typeof one !== 'string') throw unreadable('it is no text')
    return one
  })
  return texts.join('\n')
}

/** The lines of an answer that is text. Throws as `objectsOf` does. */
export function linesOf(result: CallResult): readonly string[] {
  return textAnswer(result).split(/\r?\n/)
}

/** The one object of an answer; null when there is none. Throws `answer-unreadable` when there are more. */
export function onlyObject(result: CallResult): Answer | null {
  const [first = null, ...others] = objectsOf(result)
  if (others.length > 0) throw unreadable('it holds more than one object')
  return first
}

function returned({ objects, errors }: CallResult): readonly unknown[] {
  const [error] = errors
  if (error === undefined) return objects
  throw new Problem('shell-call-failed', {
    message: `${error.message} (${error.category})`,
    hint: 'Run the same cmdlet in the Management Shell on that machine, under the account of the daemon.',
  })
}

/** Text that says something, else null. */
export function textIn(answer: Answer, property: string): string | null {
  const value = answer[property]
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null
}

/** Text that has to be there. Throws Problem `answer-unreadable`. */
export function requiredText(answer: Answer, property: string): string {
  const text = textIn(answer, property)
  if (text === null) throw unreadable(`its property ${property} is missing`)
  return text
}

/** True or false, also written as PowerShell shows them, else null. */
export function booleanIn(answer: Answer, property: string): boolean | null {
  const value = answer[property]
  if (typeof value === 'boolean') return value
  if (typeof value !== 'string' || !/^(?:true|false)$/i.test(value.trim())) return null
  return value.trim().toLowerCase() === 'true'
}

/**
 * A time as the shell host writes times, else null: a date in the words of some culture is not interpreted, and the
 * first day of .NET means that it never was.
 */
export function timeIn(answer: Answer, property: string): Time | null {
  const value = answer[property]
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/.test(value)) return null
  const milliseconds = millisecondsOf(value)
  return Number.isNaN(milliseconds) || value.startsWith('0001-') ? null : timeOf(milliseconds)
}

/** The texts of a list, also of one with a single text. Throws Problem `answer-unreadable` for anything else. */
export function textsOf(answer: Answer, property: string): readonly string[] {
  const values: unknown[] = [answer[property] ?? []].flat()
  return values.map((value) => {
    if (typeof value !== 'string') throw unreadable(`its property ${property} holds ${JSON.stringify(value)}`)
    return value
  })
}

/** `what`: in what way the answer is not as it should be, as a clause. */
export function unreadable(what: string): Problem {
  return new Problem('answer-unreadable', {
    message: `The answer of the cmdlet is not understood: ${what}.`,
    hint: 'Run the same cmdlet in the Management Shell with "| Format-List *", and compare with docs/shell-protocol.md.',
  })
}
