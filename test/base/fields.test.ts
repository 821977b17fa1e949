import { expect, test } from 'vitest'
import { duration, fqdn, instant, size, uncPath, uncServer } from '../../src/base/fields.ts'

const label = 'a'.repeat(63)

test.each([
  ['fe01.contoso.com', true],
  ['FE-01.sub_net.contoso.com', true],
  ['1fe.contoso.com', true],
  [`${label}.contoso.com`, true],
  [`a${label}.contoso.com`, false],
  ['fe01', false],
  ['fe01.', false],
  ['.contoso.com', false],
  ['fe01..com', false],
  ['-fe01.contoso.com', false],
  ['10.0.0.5', false],
  ['fe01.contoso.com\n', false],
  [`${`${label}.`.repeat(4)}com`, false],
])('FQDN %s: %s', (text, valid) => {
  expect(fqdn.safeParse(text).success).toBe(valid)
})

test.each([
  [String.raw`\\fs01.contoso.com\LyncShare`, true],
  [String.raw`\\contoso.com\dfs\lync share`, true],
  [String.raw`\\fs01.contoso.com\share.2013$`, true],
  [String.raw`\\fs01.contoso.com\Bücher`, true],
  [String.raw`\\fs01.contoso.com`, false],
  [String.raw`\\fs01.contoso.com\ `.trimEnd(), false],
  [String.raw`\\fs01\share`, false],
  [String.raw`\\10.0.0.5\share`, false],
  [String.raw`\fs01.contoso.com\share`, false],
  ['//fs01.contoso.com/share', false],
  [String.raw`\\fs01.contoso.com\a\..\b`, false],
  [String.raw`\\fs01.contoso.com\a\.`, false],
  [String.raw`\\fs01.contoso.com\a\\b`, false],
  [String.raw`\\fs01.contoso.com\share.`, false],
  [String.raw`\\fs01.contoso.com\sh:are`, false],
  [String.raw`\\fs01.contoso.com\sh*`, false],
  ['\\\\fs01.contoso.com\\a\nb', false],
])('UNC path %s: %s', (text, valid) => {
  expect(uncPath.safeParse(text).success).toBe(valid)
})

test('units come out as seconds, bytes and UTC', () => {
  expect(duration.parse('15m')).toBe(900)
  expect(size.parse('2KiB')).toBe(2048)
  expect(instant.parse('2026-12-01T06:00:00+01:00')).toBe('2026-12-01T05:00:00.000Z')
  expect(uncServer(String.raw`\\fs01.contoso.com\LyncShare`)).toBe('fs01.contoso.com')
})
