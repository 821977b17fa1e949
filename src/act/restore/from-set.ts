import { createHash } from 'node:crypto'
import { join, posix } from 'node:path'
import { Problem } from '../../base/problem.ts'
import type { BackupSet, ItemOutcome } from '../../domain/backup-set.ts'
import { fileProblem } from '../../drivers/files/problem.ts'
import { openPlainFile } from '../../drivers/files/small-file.ts'
import type { ScratchFolder } from '../../drivers/shell/host.ts'
import { isSafePath, manifestFile } from '../../sets/manifest.ts'
import { readManifest } from '../../sets/manifest-reading.ts'

/**
 * Copies the one file of an item into a scratch folder of the shell host, in constant memory, and gives its path there: the
 * vendor's way is a local path. Throws Problem `artefact-damaged` when it is not the file that the manifest of the set names.
 */
export async function bringFromSet(
  set: BackupSet,
  { subject, path }: ItemOutcome,
  scratch: ScratchFolder,
  signal: AbortSignal,
): Promise<string> {
  const expected = await checksumOf(set, path)
  const damaged = (message: string): Problem =>
    new Problem('artefact-damaged', {
      subject,
      message: `${message} Nothing was imported from it.`,
      hint: `Check the set (holdfast verify ${set.id}), and restore from an older one if it is damaged.`,
    })
  if (expected === null) throw damaged(`The manifest of set ${set.id} does not name ${path}.`)
  const source = join(set.path, ...path.split('/'))
  const file = posix.basename(path)
  await scratch.write(
    file,
    checked(source, expected, signal, () => damaged(`${path} is not what its manifest says.`)),
  )
  return scratch.path(file)
}

/** What the manifest says of a file; null: nothing that can be relied on. */
async function checksumOf(set: BackupSet, path: string): Promise<string | null> {
  const file = join(set.path, manifestFile)
  try {
    const manifest = await readManifest(file)
    if (manifest.problem !== null || !isSafePath(path)) return null
    for await (const line of manifest.lines()) if (line.path === path) return line.sha256
    return null
  } catch (thrown) {
    throw fileProblem(thrown, file, 'Reading')
  }
}

/** The content of a file; ends with what `wrong` makes unless it has this checksum. */
async function* checked(
  path: string,
  sha256: string,
  signal: AbortSignal,
  wrong: () => Problem,
): AsyncGenerator<Buffer> {
  const digest = createHash('sha256')
  try {
    const { handle } = await openPlainFile(path, Number.MAX_SAFE_INTEGER)
    for await (const chunk of handle.createReadStream() as AsyncIterable<Buffer>) {
      signal.throwIfAborted()
      digest.update(chunk)
      yield chunk
    }
  } catch (thrown) {
    signal.throwIfAborted()
    throw fileProblem(thrown, path, 'Reading')
  }
  if (digest.digest('hex') !== sha256) throw wrong()
}
