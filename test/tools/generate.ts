/** `npm run generate`: writes what is made from the code into docs/. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { generateAll, root } from './generated.ts'

const all = await generateAll()
for (const [path, text] of all) {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}
process.stdout.write(`${all.size} files written\n`)
