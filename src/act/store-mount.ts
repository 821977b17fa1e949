import { lostMount } from '../domain/mount-point.ts'
import type { Subject } from '../domain/words.ts'
import { mountPointOf } from '../drivers/files/mount-point.ts'
import { fileProblem } from '../drivers/files/problem.ts'
import type { Tools } from './handler.ts'

/**
 * Where a file store was mounted at its last backup and is not now, so that its folder is what was hidden below; null: there
 * is no such loss. Throws Problem `file-...` where the folder is not there.
 */
export async function lostStoreMount(
  subject: Subject,
  folder: string,
  { observed }: Pick<Tools, 'observed'>,
): Promise<string | null> {
  const now = await mountPointOf(folder).catch((thrown: unknown) => {
    throw fileProblem(thrown, folder, 'Opening')
  })
  return lostMount(subject, now, observed().facts.environmentRecord)
}
