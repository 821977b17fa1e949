import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { installed, powershell } from '../support/engines.ts'

/**
 * The PowerShell engine to prove the script on: `HOLDFAST_PWSH`, Windows PowerShell, which hosts have, the one that
 * `npm run setup:tests` installs, or the first of PATH; null without one.
 */
export const engine: string | null =
  process.env['HOLDFAST_PWSH'] ??
  (process.platform === 'win32' ? inPath(['powershell.exe']) : null) ??
  installed(powershell) ??
  inPath(['pwsh', 'pwsh.exe', 'powershell.exe', 'powershell'])

function inPath(names: readonly string[]): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  const files = names.flatMap((name) => folders.map((folder) => join(folder, name)))
  return files.find(isProgram) ?? null
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
