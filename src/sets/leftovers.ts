/** What a process that was killed left on a share beside the small files that it makes and replaces. */
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isRealFolder } from '../drivers/files/folder.ts'
import { journalFolder } from './journal-head.ts'
import { pointerFolder } from './pointer.ts'

const id = '[0-9a-f]{32}'
const names = '(?:holdfast-location\\.json|owner\\.json|head\\.json|[0-9a-f]{32}-\\d{10}\\.jsonl|.+\\.(?:txt|csv))'
/** The names of `writeDurably`, of `makeNewWhole`, and of the file that shows the clock of a share. */
const temporary = new RegExp(`^(?:${names}(?:\\.${id})?\\.[0-9a-f]{8}\\.part|${names}\\.${id}|\\.clock\\.${id})$`)

/** To be called by the owner before he writes there himself. What cannot be removed is tried again at the next start. */
export async function removeLeftovers(root: string): Promise<void> {
  for (const folder of [root, join(root, journalFolder), join(root, pointerFolder)]) {
    if (!(await isRealFolder(folder).catch(() => false))) continue
    const left = (await readdir(folder).catch(() => [])).filter((name) => temporary.test(name))
    await Promise.all(left.map((name) => rm(join(folder, name), { force: true }).catch(() => {})))
  }
}
