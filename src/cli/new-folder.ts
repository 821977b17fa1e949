import { mkdir, readdir } from 'node:fs/promises'
import { Problem, systemCode } from '../base/problem.ts'
import type { ProblemCode } from '../base/problem-codes.ts'

/**
 * Has `write` fill a folder that is new or empty: files that exist stay as they are, somebody may have changed them since.
 * Throws a Problem `notEmpty` with `hint`, or `unwritable` for whatever the system refuses.
 */
export async function fillNewFolder(
  folder: string,
  write: () => Promise<void>,
  { notEmpty, unwritable, hint }: { notEmpty: ProblemCode; unwritable: ProblemCode; hint: string },
): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
    const [existing] = await readdir(folder)
    if (existing !== undefined)
      throw new Problem(notEmpty, {
        subject: folder,
        message: 'The folder holds other files, and none is ever overwritten.',
        hint,
      })
    await write()
  } catch (thrown) {
    if (thrown instanceof Problem) throw thrown
    throw new Problem(unwritable, {
      subject: folder,
      message: `The folder cannot be written (${systemCode(thrown) ?? String(thrown)}).`,
      hint: 'Choose another folder, or free room and check the rights on it.',
      cause: thrown,
    })
  }
}
