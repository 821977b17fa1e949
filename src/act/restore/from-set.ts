import { createHash } from 'node:crypto'
import { join, posix } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import type { Problem } from '../../base/problem.ts'
import type { BackupSet, ItemOutcome } from '../../domain/backup-set.ts'
import { whileMoving } from '../../drivers/files/moving.ts'
import { fileProblem } from '../../drivers/files/problem.ts'
import { openPlainFile } from '../../drivers/files/small-file.ts'
import type { ScratchFolder } from '../../drivers/shell/host.ts'
import { artefactDamaged, provenSum } from '../../sets/proven.ts'

/** The copy in the scratch folder: the one thing that is used of the set. */
export interface Brought {
  /** As the shell host sees it. */
  path: string
  /** Its name in the folder. */
  file: string
}

/**
 * Copies the one file of an item into a scratch folder of the shell host, in constant memory: the vendor's way is a local path.
 * Throws Problem `artefact-damaged` when it is not the file that the manifest of the set names, `set-damaged` where that
 * manifest is not proved, `file-stalled` where the share answers no more.
 */
export async function bringFromSet(
  set: BackupSet,
  { path }: ItemOutcome,
  scratch: ScratchFolder,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<Brought> {
  const source = join(set.path, ...path.split('/'))
  const file = posix.basename(path)
  await whileMoving(source, signal, clock, async (stop, steps) => {
    const expected = await provenSum(set, path)
    const wrong = (): Problem => artefactDamaged(set, path, ', and nothing was imported from it')
    await scratch.write(file, checked(source, expected, { signal: stop, steps, wrong }))
  })
  return { path: scratch.path(file), file }
}

/** The content of a file; ends with what `wrong` makes unless it has this checksum. */
async function* checked(
  path: string,
  sha256: string,
  { signal, steps, wrong }: { signal: AbortSignal; steps: Int32Array; wrong: () => Problem },
): AsyncGenerator<Buffer> {
  const digest = createHash('sha256')
  try {
    const { handle } = await openPlainFile(path, Number.MAX_SAFE_INTEGER)
    for await (const chunk of handle.createReadStream() as AsyncIterable<Buffer>) {
      signal.throwIfAborted()
      Atomics.add(steps, 0, 1)
      digest.update(chunk)
      yield chunk
    }
  } catch (thrown) {
    signal.throwIfAborted()
    throw fileProblem(thrown, path, 'Reading')
  }
  if (digest.digest('hex') !== sha256) throw wrong()
}
