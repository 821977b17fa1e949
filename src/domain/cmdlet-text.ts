/** The one builder of cmdlets for people: every value is quoted, and a switch that destroys cannot be written by chance. */
import { quoted } from './restore-commands.ts'

/** What deletes data that may be the last (domain reference, section 10). */
export const dangerousSwitches = [
  'Clean',
  'DisasterMode',
  'RemoveExportedConfiguration',
  'DisableExportedNodes',
] as const
export type DangerousSwitch = (typeof dangerousSwitches)[number]

/** A switch is `true`; what is `false` or undefined is left out. */
export type CmdletParameters = Readonly<Record<string, string | boolean | undefined>> & {
  readonly [Name in DangerousSwitch]?: never
}

/** `Import-CsUserData -PoolFqdn 'pool01.contoso.com' -FileName '...'`. Throws on a value that resets a whole pool. */
export function cmdlet(name: string, parameters: CmdletParameters = {}): string {
  return textOf(name, parameters)
}

/**
 * The same with a switch that destroys, which the documented procedure demands of the operator: only for a row that says
 * what must be proved before.
 */
export function destructiveCmdlet(name: string, danger: DangerousSwitch, parameters: CmdletParameters): string {
  return textOf(name, { [danger]: true, ...parameters })
}

function textOf(name: string, parameters: Readonly<Record<string, string | boolean | undefined>>): string {
  if (parameters['ResetType'] === 'FullReset') throw new Error('FullReset deletes what users have not saved elsewhere.')
  const words = Object.entries(parameters).flatMap(([key, value]) =>
    value === undefined || value === false
      ? []
      : value === true
        ? [`-${key}`]
        : [`-${key} ${isWord(value) ? value : quoted(value)}`],
  )
  return [name, ...words].join(' ')
}

/** What PowerShell reads as one plain word. */
function isWord(value: string): boolean {
  return /^[A-Za-z]+$/.test(value)
}
