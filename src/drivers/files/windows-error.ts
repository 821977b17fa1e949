/**
 * Node has names for few of Windows' errors of a network: a server that is not found (53), a share that is not there (67), one
 * with too many users (71), a refused login (1326) are all `UNKNOWN`, and their number is lost (libuv,
 * uv_translate_sys_error). What decides something on them asks Windows itself.
 */
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { outputOf, startChild } from '../child/child.ts'
import { environmentWithoutSecrets } from '../child/environment.ts'

/** ERROR_BAD_NET_NAME ("System Error Codes"): the server answers, and has no such share. */
export const noSuchShare = 67

/** For Windows PowerShell 3.0. The exit code is the Win32 error inside the HRESULT; the folder is no part of the text. */
const script = [
  'try { $null = [IO.Directory]::GetFileSystemEntries($env:HOLDFAST_FOLDER); exit 0 }',
  'catch { $e = $_.Exception; while ($e.InnerException) { $e = $e.InnerException };',
  "if ('{0:X8}' -f $e.HResult -like '8007*') { exit ($e.HResult -band 0xFFFF) }; exit -1 }",
].join(' ')

/**
 * The number of the error by which Windows refuses to list the folder; 0: it lists it now; null: it cannot be asked.
 * `program`: Windows PowerShell, null where there is none.
 */
export async function windowsError(
  folder: string,
  clock: Clock,
  signal: AbortSignal,
  program: string | null = windowsPowerShell(),
): Promise<number | null> {
  if (program === null) return null
  const child = startChild({
    command: [program, '-NoProfile', '-NonInteractive', '-Command', script],
    folder: process.cwd(),
    environment: { ...environmentWithoutSecrets(), HOLDFAST_FOLDER: folder },
    clock,
  })
  await outputOf(child, signal)
  return child.exitCode
}

function windowsPowerShell(): string | null {
  const root = process.env['SystemRoot'] ?? ''
  return root === '' ? null : join(root, 'System32', 'WindowsPowerShell', 'v1.0', 'powershell.exe')
}
