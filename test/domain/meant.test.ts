import { describe, expect, test } from 'vitest'
import { meant } from '../../src/domain/meant.ts'

const known = [
  'contoso',
  'nightly',
  'fe01.contoso.com',
  'fe02.contoso.com',
  'fe02.fabrikam.com',
  String.raw`sql01.contoso.com\rtc`,
  String.raw`sql01.contoso.com\rtc/LcsCDR`,
  'sql01.contoso.com',
  String.raw`\\fs01.contoso.com\LyncShare`,
  'nightly/20260729T020000Z-k3xq',
]

describe('what a person may have meant', () => {
  test.each([
    ['fe01.contoso.com', ['fe01.contoso.com']],
    ['FE01.Contoso.com', ['fe01.contoso.com']],
    ['fe01', ['fe01.contoso.com']],
    ['FE01', ['fe01.contoso.com']],
    ['fe02', ['fe02.contoso.com', 'fe02.fabrikam.com']],
    ['sql01', ['sql01.contoso.com']],
    [String.raw`sql01\RTC`, [String.raw`sql01.contoso.com\rtc`]],
    [String.raw`sql01\rtc/lcscdr`, [String.raw`sql01.contoso.com\rtc/LcsCDR`]],
    [String.raw`\\fs01\lyncshare`, [String.raw`\\fs01.contoso.com\LyncShare`]],
    ['NIGHTLY', ['nightly']],
    ['nightly/20260729t020000z-K3XQ', ['nightly/20260729T020000Z-k3xq']],
    ['fe03', []],
    ['fe', []],
    ['contoso.com', []],
    ['', []],
  ])('%s', (typed, found) => {
    expect(meant(typed, known)).toEqual(found)
  })

  test('is the same thing once, however often it is known', () => {
    expect(meant('se01', ['se01.contoso.com', 'SE01.contoso.com'])).toEqual(['se01.contoso.com'])
  })
})
