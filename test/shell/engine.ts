import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The PowerShell engine to prove the script on: `HOLDFAST_PWSH`, or the first of PATH; null without one. */
export const engine: string | null =
  process.env['HOLDFAST_PWSH'] ?? inPath(['powershell.exe', 'pwsh', 'pwsh.exe', 'powershell'])

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
