import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const tags = ['RESTORE.md', 'backup-set.json', 'bag-info.txt', 'bagit.txt', 'manifest-sha256.txt']

/**
 * Closes the folder of a set over what is there: manifest and commit record fit, as whoever may write to the share can make
 * them. Gives the SHA-256 of the commit record.
 */
export function seal(folder: string, id = 'set-1'): string {
  mkdirSync(join(folder, 'data'), { recursive: true })
  const entries = readdirSync(join(folder, 'data'), { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
  writeFileSync(join(folder, 'manifest-sha256.txt'), linesOf(folder, files.sort()))
  for (const tag of tags)
    if (!existsSync(join(folder, tag))) writeFileSync(join(folder, tag), tag === 'backup-set.json' ? recordOf(id) : '')
  const commit = linesOf(folder, tags)
  writeFileSync(join(folder, 'tagmanifest-sha256.txt'), commit)
  return createHash('sha256').update(commit).digest('hex')
}

function linesOf(folder: string, files: readonly string[]): string {
  const sum = (file: string): string =>
    createHash('sha256')
      .update(readFileSync(join(folder, file)))
      .digest('hex')
  return files.map((file) => `${sum(file)}  ${file}\n`).join('')
}

function recordOf(id: string): string {
  const at = '2026-07-29T02:00:00.000Z'
  const record = {
    ...{ format: 'holdfast/backup-set/v1', id, deployment: 'contoso', policy: 'nightly', location: 'main' },
    ...{
      unc: '\\\\backup01.contoso.com\\LyncBackup\\Contoso',
      revision: '',
      cause: 'scheduled',
      reason: '',
      slot: null,
    },
    ...{ whole: true, required: [], software: { name: 'holdfast', version: '1', node: '22' } },
    ...{ startedAt: at, finishedAt: at, abandoned: null, items: [], bytes: 0, files: 0 },
  }
  return `${JSON.stringify(record)}\n`
}
