import { expect, test } from 'vitest'
import { longPath } from '../../../src/drivers/files/long-path.ts'

const deep = 'd'.repeat(200)

test.each([
  ['\\\\fs01.contoso.com\\LyncShare', '\\\\?\\UNC\\fs01.contoso.com\\LyncShare\\'],
  [`\\\\fs01.contoso.com\\LyncShare\\${deep}\\${deep}`, `\\\\?\\UNC\\fs01.contoso.com\\LyncShare\\${deep}\\${deep}`],
  ['D:\\LyncBackup\\nightly', '\\\\?\\D:\\LyncBackup\\nightly'],
  [
    '\\\\fs01.contoso.com\\LyncShare\\ends in a dot.\\CON',
    '\\\\?\\UNC\\fs01.contoso.com\\LyncShare\\ends in a dot.\\CON',
  ],
  ['\\\\?\\UNC\\fs01.contoso.com\\LyncShare\\a', '\\\\?\\UNC\\fs01.contoso.com\\LyncShare\\a'],
])('fault 18: on Windows %s is opened as %s', (path, long) => {
  expect(longPath(path, 'win32')).toBe(long)
})

test('elsewhere a path stays as it is', () => {
  expect(longPath(`/mnt/${deep}`, 'linux')).toBe(`/mnt/${deep}`)
})
