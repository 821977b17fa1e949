import { readFile, realpath } from 'node:fs/promises'

/**
 * The mount point that a folder is on, such as `/mnt/lync`, or `/` (proc(5), "mountinfo": the fifth field); undefined
 * where the system names none, as Windows. Throws what `realpath` throws.
 */
export async function mountPointOf(folder: string): Promise<string | undefined> {
  const table = await readFile('/proc/self/mountinfo', 'utf8').catch(() => null)
  if (table === null) return undefined
  const real = await realpath(folder)
  return table
    .split('\n')
    .map((line) => unescaped(line.split(' ')[4] ?? ''))
    .filter((point) => point === '/' || real === point || (point !== '' && real.startsWith(`${point}/`)))
    .reduce<string | undefined>(
      (deepest, point) => (point.length > (deepest ?? '').length ? point : deepest),
      undefined,
    )
}

/** Blanks and backslashes are written there as octal numbers of bytes. */
function unescaped(field: string): string {
  return field.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}
