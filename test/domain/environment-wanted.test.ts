import { expect, it } from 'vitest'
import type { EnvironmentRecord } from '../../src/domain/environment-record.ts'
import { compareEnvironments } from '../../src/domain/environment-differences.ts'
import { earlierThan, wantedBy } from '../../src/domain/environment-wanted.ts'

const share = '\\\\fs01.contoso.com\\Lync'

it.each([
  ['dns', '10.0.0.1'],
  ['externalNames', 'web.contoso.com'],
  ['serviceFolders', '1-WebServices-1'],
  ['dhcpServers', 'dhcp01.contoso.com'],
  ['thumbprint', 'AB12'],
  ['webInternalThumbprint', 'AB12'],
  ['webExternalThumbprint', 'AB12'],
  ['webExternalCertificate', 'CN=web; names none; CN=CA; until 2027-01-01T00:00:00.000Z'],
  ['oauthThumbprint', 'AB12'],
  ['oauthCertificate', 'CN=contoso.com; names none; CN=CA; until 2027-01-01T00:00:00.000Z'],
  ['simpleUrls', 'Meet * https://meet.contoso.com'],
])('%s: that nothing was there, or nobody saw it, is no desire', (key, good) => {
  for (const broken of ['none', 'unknown']) {
    const record: EnvironmentRecord = { x: { [key]: broken, product: 'p' } }
    expect(wantedBy({ record })).toEqual({ x: { [key]: 'unknown', product: 'p' } })
    expect(earlierThan(record, [{ x: { [key]: 'none' } }, { X: { [key]: good } }])).toEqual({ x: { [key]: good } })
    expect(wantedBy({ record, earlier: { x: { [key]: good } } })).toEqual({ x: { [key]: good, product: 'p' } })
  }
})

it('what Git says is meant, also when it says none', () => {
  const record: EnvironmentRecord = { 'pool01.contoso.com': { pairedWith: 'none', fileStore: 'none' } }
  expect(wantedBy({ record })).toBe(record)
  expect(earlierThan(record, [{ 'pool01.contoso.com': { pairedWith: 'pool02.contoso.com' } }])).toEqual({})
})

it('a record that saw everything wants just that, and of older ones only what it lacks', () => {
  const record: EnvironmentRecord = { [share]: { serviceFolders: '1-WebServices-1' } }
  expect(wantedBy({ record })).toBe(record)
  expect(earlierThan(record, [{ [share]: { serviceFolders: '2-WebServices-2' } }])).toEqual({})
  expect(earlierThan({ a: { dns: 'none' } }, [{ a: { dns: '10.0.0.2' } }, { a: { dns: '10.0.0.1' } }])).toEqual({
    a: { dns: '10.0.0.2' },
  })
})

const certificate = (more: { names?: string; issuer?: string; until?: string } = {}): string =>
  `CN=fe01; names ${more.names ?? 'fe01, pool01'}; ${more.issuer ?? 'CN=CA'}; until ${more.until ?? '2027-01-01T00:00:00.000Z'}`
const later = '2029-01-01T00:00:00.000Z'

it.each([
  ['renewed', certificate({ until: later }), 0],
  ['for other names', certificate({ names: 'fe01', until: later }), 1],
  ['of another issuer', certificate({ issuer: 'CN=Other', until: later }), 1],
  ['that ends sooner', certificate({ until: '2026-06-01T00:00:00.000Z' }), 1],
  ['that ends at the same time', certificate(), 1],
  ['of which nothing more is known', 'unknown', 1],
])('a certificate that is %s: %#', (_, text, count) => {
  const found = compareEnvironments(
    { 'fe01.contoso.com': { certificate: certificate(), thumbprint: 'AB12' } },
    { 'fe01.contoso.com': { certificate: text, thumbprint: 'CD34' } },
  )
  expect(found).toHaveLength(count)
})
