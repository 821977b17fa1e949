import fc from 'fast-check'
import { expect, test } from 'vitest'
import { escapeName, escapeNames, unescapeName } from '../../src/sets/escape.ts'
import { payloadPath } from '../../src/sets/payload-path.ts'

test.each([
  ['Agenda.pptx', 'Agenda.pptx'],
  ['100%.txt', '100=25.txt'],
  ['a=b', 'a=3Db'],
  ['what?.doc', 'what=3F.doc'],
  ['trailing. ', 'trailing=2E=20'],
  ['.', '=2E'],
  ['..', '=2E=2E'],
  ['aux.txt', '=61ux.txt'],
  ['COM1', '=43OM1'],
  ['COM10', 'COM10'],
  ['auxiliary', 'auxiliary'],
  ['Größe', 'Größe'],
  ['a\nb\rc', 'a=0Ab=0Dc'],
  ['..\\..\\x', '..=5C..=5Cx'],
  ['a/b', 'a=2Fb'],
  ['file:stream', 'file=3Astream'],
  ['\u2028', '=E2=80=A8'],
])('%j is written as %j', (name, escaped) => {
  expect(escapeName(name)).toBe(escaped)
})

test('names that differ only by case or normal form are told apart', () => {
  expect(escapeNames(['Readme', 'other', 'readme'])).toEqual(['=52eadme', 'other', 'readme'])
  expect(escapeNames(['\u00e9', 'e\u0301'])).toEqual(['=C3=A9', 'e=CC=81'])
})

test('bytes that are no UTF-8 keep apart, and so do halves of surrogate pairs', () => {
  expect(escapeName(Uint8Array.from([0x61, 0xff, 0x62]))).toBe('a=FFb')
  expect(new Set(escapeNames(['a\ud800', 'a\ud801'])).size).toBe(2)
})

const evil = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 120 }),
  fc.string({
    unit: fc.constantFrom(...Array.from('aA. =%/\\:*?"<>|\r\n\0\u007fconCON$1')),
    minLength: 1,
    maxLength: 8,
  }),
  fc.constantFrom('con', 'NUL', 'lpt1.x', 'CONIN$', 'com¹', '. .', '=', '==', '=2E', 'ﬀ', 'ß', 'SS', 'İ', 'ı'),
)
const windows =
  /^(?!(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|\s*$))[^\p{Cc}<>:"/\\|?*%]*[^\p{Cc}<>:"/\\|?*%. ]$/iu

test('every escaped name is legal on Windows, fits, and can be read back', () => {
  fc.assert(
    fc.property(evil, (name) => {
      const escaped = escapeName(name)
      expect(escaped).toMatch(windows)
      expect(Buffer.byteLength(escaped)).toBeLessThanOrEqual(240)
      if (!escaped.includes('=~') && name.isWellFormed()) expect(unescapeName(escaped)).toBe(name)
    }),
    { numRuns: 2000 },
  )
})

test('fault 18: no two names of a folder collide on a share that knows neither case nor normal form', () => {
  fc.assert(
    fc.property(fc.uniqueArray(evil, { minLength: 2, maxLength: 12 }), (names) => {
      const variants = [...new Set(names.flatMap((name) => [name, name.toUpperCase(), name.toLowerCase()]))]
      const folded = escapeNames(variants).map((name) => name.normalize('NFC').toLowerCase())
      expect(new Set(folded).size).toBe(variants.length)
    }),
    { numRuns: 1000 },
  )
})

test.each([
  [{ kind: 'configuration', subject: 'contoso' }, 'data/configuration/Config.zip'],
  [{ kind: 'location-information', subject: 'contoso' }, 'data/location-information/E911Config.zip'],
  [{ kind: 'environment', subject: 'contoso' }, 'data/environment'],
  [{ kind: 'directory-record', subject: 'contoso' }, 'data/directory'],
  [{ kind: 'user-data', subject: 'Pool01.contoso.com' }, 'data/pools/pool01.contoso.com/user-data.zip'],
  [{ kind: 'response-groups', subject: 'pool01.contoso.com' }, 'data/pools/pool01.contoso.com/response-groups.zip'],
  [{ kind: 'call-park', subject: 'pool01.contoso.com' }, 'data/pools/pool01.contoso.com/call-park.json'],
  [{ kind: 'sql-database', subject: 'sql01.contoso.com\\RTC/LcsCDR' }, 'data/sql/sql01.contoso.com_rtc/LcsCDR.bak'],
  [{ kind: 'sql-database', subject: 'sql01.contoso.com/mgc' }, 'data/sql/sql01.contoso.com_default/mgc.bak'],
  [
    { kind: 'persistent-chat', subject: 'sql01.contoso.com\\rtc/mgc' },
    'data/sql/sql01.contoso.com_rtc/mgc.persistent-chat.zip',
  ],
  [{ kind: 'file-store', subject: '\\\\fs01.contoso.com\\LyncShare' }, 'data/file-stores/fs01.contoso.com_lyncshare'],
] as const)('%j stands in %s', (item, path) => {
  expect(payloadPath(item)).toBe(path)
})
