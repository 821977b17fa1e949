/** Who writes to a disk by himself: on a share anybody may have put a link there, and a kill may come at any of these calls. */
import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/** With what it writes. Whatever replaces a file on a share goes through `drivers/files/durable.ts`. */
const writers: Readonly<Record<string, string>> = {
  'src/act/scratch-folder.ts': 'folders of a restore test, in a place that is given for nothing else',
  'src/base/keep-owner.ts': 'the owner of files of the daemon',
  'src/base/make-bundle.js': 'the bundle, beside the source',
  'src/cli/export.ts': 'a new folder of the operator, exclusively',
  'src/cli/import.ts': 'a new folder of the operator, exclusively',
  'src/cli/new-folder.ts': 'a new folder of the operator',
  'src/config/owner.ts': 'owner.id beside holdfast.yaml, exclusively',
  'src/desired/mirror.ts': 'the copy of the repository, beside the state store',
  'src/doctor/checks/location.ts': 'a file to try the right to write, exclusively',
  'src/doctor/checks/restore-test.ts': 'removes the file by which it tried the right to write',
  'src/doctor/checks/state-store.ts': 'a file to try the right to write, exclusively',
  'src/doctor/source.ts': 'a copy of the repository, in the folder for temporary files',
  'src/drivers/child/child-list.ts': 'the list of children, beside the state store',
  'src/drivers/files/copy.ts': 'folders of a copy, in the folder of a set',
  'src/drivers/files/durable.ts': 'the one durable write',
  'src/drivers/files/folder.ts': 'a folder that must be real',
  'src/drivers/files/pump.ts': 'to a descriptor that was opened exclusively',
  'src/drivers/files/put.ts': 'a file of a restore: beside, exclusively, then linked',
  'src/drivers/files/settle.ts': 'flushes, and follows no link',
  'src/drivers/files/sorted-lines.ts': 'what is sorted, in the folder of a set, exclusively',
  'src/drivers/files/survey.ts': 'removes what an earlier restore left under temporary names',
  'src/drivers/files/tasks.ts': 'a file of a copy, exclusively',
  'src/drivers/files/walk.ts': 'folders of a copy, in the folder of a set',
  'src/drivers/shell/scratch.ts': 'a folder for its owner alone, exclusively',
  'src/sets/exclusive.ts': 'what only one of many can make, exclusively',
  'src/sets/hands.ts': 'removes claims',
  'src/sets/leftovers.ts': 'removes what a killed process left under temporary names',
  'src/sets/payload.ts': 'removes what a failed item left, in the folder of a set',
  'src/sets/put-store-back.ts': 'times and rights of folders that are real',
  'src/sets/set-folder.ts': 'the folder of a set, exclusively',
  'src/store/set-aside.ts': 'a damaged state store gets another name',
  'src/store/store.ts': 'the state store',
}

const words =
  'appendFile chmod chown copyFile cp createWriteStream fchmod fchown ftruncate lchown link lutimes mkdir mkdtemp mkdtempDisposable rename rm rmdir symlink truncate unlink utimes write writeFile writev'
const writing = new Set(words.split(' ').flatMap((name) => [name, `${name}Sync`]))
const imported = /import (?:\w+, )?\{([^}]*)\} from 'node:fs(?:\/promises)?'/g
const whole = /import (?:\* as )?\w+(?:, \{[^}]*\})? from 'node:fs(?:\/promises)?'/
const opened = /\b(?:open|openSync|openDescriptor)\([^)]*(?:'(?:[wa]|r\+)[x+]*'|O_(?:RDWR|WRONLY|CREAT)|writeFlags)/

function writes(text: string): boolean {
  const names = [...text.matchAll(imported)].flatMap(([, list = '']) =>
    list.split(',').map((one) => one.trim().replace(/ as .*/, '')),
  )
  return names.some((name) => writing.has(name)) || opened.test(text) || whole.test(text)
}

test('nobody else writes files', () => {
  const files = globSync('src/**/*.{ts,js}').filter((file) => !file.startsWith('src/lab/'))
  expect(files.filter((file) => writes(readFileSync(file, 'utf8'))).sort()).toEqual(Object.keys(writers).sort())
})

test.each([
  ["import { rename } from 'node:fs/promises'", true],
  ["import { readFile, writeFile as put } from 'node:fs/promises'", true],
  ["import fs from 'node:fs'", true],
  ["import * as fs from 'node:fs/promises'", true],
  ["import { open } from 'node:fs/promises'\nawait open(path, 'wx')", true],
  ["import { open } from 'node:fs/promises'\nawait open(path, 'r')", false],
  ["import { lstat, type Stats } from 'node:fs'", false],
])('%s', (text, is) => {
  expect(writes(text)).toBe(is)
})
