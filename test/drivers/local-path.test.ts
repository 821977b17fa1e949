import fc from 'fast-check'
import { posix, win32 } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Problem } from '../../src/base/problem.ts'
import { localPathOf } from '../../src/drivers/local-path.ts'

const pathMap = [
  { unc: '\\\\backup01.contoso.com\\LyncBackup\\archive', local: '/mnt/archive' },
  { unc: '\\\\backup01.contoso.com\\LyncBackup', local: '/mnt/lync-backup' },
  { unc: '\\\\fs01.contoso.com\\LyncShare\\', local: '/mnt/share/' },
]
const on = (platform: NodeJS.Platform, unc: string): string => localPathOf(pathMap, unc, platform)

function failure(work: () => unknown): Problem {
  try {
    work()
  } catch (thrown) {
    if (thrown instanceof Problem) return thrown
  }
  throw new Error('no Problem')
}

describe('a mapped share', () => {
  test.each([
    ['\\\\backup01.contoso.com\\LyncBackup', '/mnt/lync-backup'],
    ['\\\\backup01.contoso.com\\LyncBackup\\', '/mnt/lync-backup'],
    [
      '\\\\BACKUP01.contoso.com\\lyncbackup\\Nightly\\20260729T020000Z-abcd',
      '/mnt/lync-backup/Nightly/20260729T020000Z-abcd',
    ],
    ['\\\\backup01.contoso.com\\LyncBackup\\Archive\\x', '/mnt/archive/x'],
    ['\\\\backup01.contoso.com\\LyncBackup\\archives', '/mnt/lync-backup/archives'],
    ['\\\\fs01.contoso.com\\LyncShare\\1-WebServices-1\\a ü.txt', '/mnt/share/1-WebServices-1/a ü.txt'],
  ])('%s', (unc, local) => {
    expect(on('linux', unc)).toBe(local)
  })

  test('is used on Windows too, as where a drive holds the share itself', () => {
    const map = [{ unc: '\\\\backup01.contoso.com\\LyncBackup', local: 'D:\\LyncBackup' }]
    expect(localPathOf(map, '\\\\backup01.contoso.com\\LyncBackup\\nightly', 'win32')).toBe('D:\\LyncBackup\\nightly')
  })

  test('the longest entry holds, wherever it stands in the list', () => {
    expect(localPathOf(pathMap.toReversed(), '\\\\backup01.contoso.com\\LyncBackup\\archive\\x', 'linux')).toBe(
      '/mnt/archive/x',
    )
  })
})

describe('a share without an entry', () => {
  test('is itself on Windows', () => {
    expect(on('win32', '\\\\fs02.contoso.com\\Share\\a')).toBe('\\\\fs02.contoso.com\\Share\\a')
  })

  test('is a problem elsewhere, with the line that is missing', () => {
    const problem = failure(() => on('linux', '\\\\fs02.contoso.com\\Share\\a'))
    expect(problem.code).toBe('path-not-mapped')
    expect(problem.hint).toContain("pathMap: { '\\\\fs02.contoso.com\\Share': ")
  })

  test('of a server whose name only begins alike', () => {
    expect(failure(() => on('linux', '\\\\backup01.contoso.com\\LyncBackup2\\x')).code).toBe('path-not-mapped')
  })
})

describe('what is refused', () => {
  test.each([
    '/etc/passwd',
    'C:\\LyncBackup',
    '',
    '\\\\backup01.contoso.com',
    '\\\\backup01.contoso.com\\LyncBackup\\..\\x',
    '\\\\backup01.contoso.com\\LyncBackup\\a\\..',
    '\\\\backup01.contoso.com\\LyncBackup\\.\\x',
    '\\\\backup01.contoso.com\\LyncBackup\\\\x',
    '\\\\backup01.contoso.com\\LyncBackup\\a/../../b',
    '\\\\backup01.contoso.com\\LyncBackup\\a:stream',
    '\\\\backup01.contoso.com\\LyncBackup\\a\u0000b',
    '\\\\?\\C:\\LyncBackup',
    '\\\\.\\pipe\\sql',
  ])('%j', (unc) => {
    for (const platform of ['linux', 'win32'] as const)
      expect(failure(() => on(platform, unc)).code).toBe('path-refused')
  })

  test('nothing ever leads out of its share', () => {
    const part = fc.oneof(fc.string(), fc.constantFrom('..', '.', '', '/', '..\\', 'a', '%2e%2e', '．．'))
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), fc.constantFrom('linux', 'win32'), (parts, platform) => {
        const unc = `\\\\backup01.contoso.com\\LyncBackup\\${parts.join('\\')}`
        const path = platform === 'win32' ? win32 : posix
        const root = platform === 'win32' ? 'D:\\share' : '/mnt/share'
        const map = [{ unc: '\\\\backup01.contoso.com\\LyncBackup', local: root }]
        try {
          const inside = path.relative(root, localPathOf(map, unc, platform))
          expect(inside.startsWith('..') && !inside.startsWith('...')).toBe(false)
          expect(path.isAbsolute(inside)).toBe(false)
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(Problem)
        }
      }),
    )
  })
})
