/** The faults that must do no harm, and that each has a test named after it: `npx vitest run -t "fault 13:"`. */
import { readFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const faults: Readonly<Record<number, string>> = {
  3: 'the disk is full at any byte of a set or of the state file',
  4: 'the share vanishes before, during or at the end of a run, and comes back',
  5: 'another share, or none, stands in the place of ours',
  6: 'bits flip, files are cut, grow, swap, appear or are missing',
  7: 'a manifest is cut, or is that of another set', // no checksum within: the commit record holds those of all records
  8: 'the payload is deleted under its commit record', // seen by each verification, the lightest too
  9: 'the connection is lost in the middle of a BACKUP',
  10: 'a BACKUP says success, and the file is missing, short or elsewhere',
  11: 'a BACKUP is damaged or without checksums',
  12: 'VERIFYONLY passes and the data are broken',
  13: 'a cmdlet succeeds and writes no ZIP, an empty or a cut one', // ZIP and CRC; what is in it may only warn
  14: 'a cmdlet hangs',
  15: 'a file changes, vanishes or appears while it is read',
  16: 'a file is locked, or may not be read',
  17: 'files are sparse, huge or empty, trees are deep',
  18: 'names are long, odd, reserved, or differ by case or normal form',
  19: 'a manifest leads out of its set',
  20: 'links stand in the source or in a set',
  27: 'another database stands behind the name, or the principal changes meanwhile',
  28: 'reading or flushing ends with an I/O error',
  29: 'a rename is refused',
  30: 'the share allows writing and not deleting, or its cache lies',
  31: 'secrets come near the log',
  32: 'the target of a restore holds something, or is too old',
}

test.each(Object.entries(faults))('row %s has a test by its name: %s', async (row) => {
  const name = new RegExp(`[[(]\\s*['"\`]fault ${row}: `)
  const found: string[] = []
  for await (const file of glob('**/*.test.ts', { cwd: join(import.meta.dirname, '..') }))
    if (name.test(readFileSync(join(import.meta.dirname, '..', file), 'utf8'))) found.push(file)
  expect(found).not.toEqual([])
})
