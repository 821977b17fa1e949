import { Problem } from '../../base/problem.ts'
import table from './calls.json' with { type: 'json' }
import type { CallName } from './host.ts'

interface Call {
  cmdlet: string
  /** Parameter -> its type: `switch` takes true or false, every other type takes text. */
  parameters: Readonly<Record<string, string>>
  returns: readonly string[]
}

const calls: Readonly<Record<CallName, Call>> = table.calls

export const protocolVersion = table.protocol

/**
 * Throws `shell-call-refused` unless `calls.json` lists the call and each parameter with a value of its type: then
 * nothing is sent.
 */
export function checkCall(name: string, parameters: Readonly<Record<string, unknown>>): void {
  const call = Object.hasOwn(calls, name) ? calls[name as CallName] : null
  if (!call) throw refused(name, `The call ${JSON.stringify(name)} is not in the table.`)
  for (const [parameter, value] of Object.entries(parameters)) {
    const type = Object.hasOwn(call.parameters, parameter) ? call.parameters[parameter] : null
    if (type === null || type === undefined)
      throw refused(name, `${call.cmdlet} is not given a parameter ${JSON.stringify(parameter)} by the table.`)
    const fits = type === 'switch' ? typeof value === 'boolean' : typeof value === 'string' && isOneLine(value)
    if (!fits) throw refused(name, `The parameter ${parameter} of ${call.cmdlet} is not a ${type}.`)
  }
}

/** The cmdlet behind a call, with every parameter that the table may give it. */
export function cmdletOf(name: CallName): { cmdlet: string; parameters: readonly string[] } {
  const { cmdlet, parameters } = calls[name]
  return { cmdlet, parameters: Object.keys(parameters) }
}

/** The properties that its objects have, in the order of the table. */
export function propertiesOf(name: CallName): readonly string[] {
  return calls[name].returns
}

function isOneLine(value: string): boolean {
  return value !== '' && !/[\u0000-\u001f]/.test(value)
}

function refused(call: string, message: string): Problem {
  return new Problem('shell-call-refused', {
    subject: call,
    message: `${message} Nothing was sent.`,
    hint: 'This is a fault of Holdfast. Please report it.',
  })
}
