import { expect, test } from 'vitest'
import { lacking, thingsInWords, userAddress } from '../../src/domain/user-content.ts'

test.each([
  ['jane@contoso.com', 'jane@contoso.com'],
  ['sip:Jane.Doe@Contoso.com', 'jane.doe@contoso.com'],
  [" SIP:o'brien@contoso.com ", "o'brien@contoso.com"],
  ['jane', null],
  ['jane@contoso', null],
  ['jane@contoso.com; Remove-CsUser', null],
  ['"jane"@contoso.com', null],
  ['', null],
])('%s is the address %s', (text, address) => {
  expect(userAddress(text)).toBe(address)
})

test('what is lacking is what the other has not', () => {
  const wanted = { contacts: ['a', 'b'], conferences: ['x'] }
  const there = { contacts: ['b', 'c'], conferences: [] }
  expect(lacking(wanted, there)).toEqual({ contacts: ['a'], conferences: ['x'] })
  expect(thingsInWords(wanted)).toBe('2 contacts and 1 conference')
})
