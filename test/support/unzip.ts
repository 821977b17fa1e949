import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { fromBufferPromise } from 'yauzl'

/** Name -> text of every file in a ZIP. */
export async function unzip(file: string): Promise<Record<string, string>> {
  const zip = await fromBufferPromise(await readFile(file), { lazyEntries: true })
  const files: Record<string, string> = {}
  for await (const entry of zip.eachEntry()) files[entry.fileName] = await text(await zip.openReadStreamPromise(entry))
  return files
}
