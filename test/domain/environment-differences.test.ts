import { expect, it } from 'vitest'
import { compareEnvironments } from '../../src/domain/environment-differences.ts'

// "Preparing to restore": names, addresses, paths, instances, versions and certificates must be as they were.
it.each([
  ['DNS', 'dns', '10.0.0.1', '10.0.0.2'],
  ['DNS', 'dns', '10.0.0.1', 'none'],
  ['certificate', 'thumbprint', 'AB12', 'CD34'],
  ['patch level', 'patchLevel', '6.0.9319.534', '6.0.9319.559'],
  ['SQL Server version', 'version', '12.0.5000.0', '12.0.6024.0'],
  ['SQL Server edition', 'edition', 'Enterprise Edition (64-bit)', 'Standard Edition (64-bit)'],
  ['service folders', 'serviceFolders', '1-WebServices-1', 'none'],
  ['file store', 'fileStore', '\\\\fs01.contoso.com\\Lync', '\\\\fs02.contoso.com\\Lync'],
  ['user store', 'userStore', 'sql01.contoso.com\\rtc', 'sql01.contoso.com\\lync'],
  ['servers', 'servers', 'fe01.contoso.com', 'fe01.contoso.com, fe02.contoso.com'],
  ['paired pool', 'pairedWith', 'pool02.contoso.com', 'none'],
  ['DHCP servers', 'dhcpServers', 'dhcp01.contoso.com', 'none'],
  ['certificate of the internal web services', 'webInternalThumbprint', 'AB12', 'CD34'],
  ['certificate of the external web services', 'webExternalThumbprint', 'AB12', 'CD34'],
  ['names for the outside', 'externalNames', 'web.contoso.com', 'web2.contoso.com'],
  ['OAuth certificate', 'oauthThumbprint', 'AB12', 'CD34'],
  ['simple URLs', 'simpleUrls', 'Meet * https://meet.contoso.com', 'Meet * https://join.contoso.com'],
  ['DHCP option 43', 'dhcpOption43', '00-01', '00-02'],
  ['DHCP option 120', 'dhcpOption120', 'sip.contoso.com', 'sip.fabrikam.com'],
  ['Active Directory domain', 'domain', 'contoso.com', 'corp.contoso.com'],
  ['SIP domains', 'sipDomains', 'contoso.com', 'contoso.com, fabrikam.com'],
  ['Central Management store', 'centralManagementStore', 'sql01.contoso.com\\rtc', 'sql11.contoso.com\\rtc'],
  ['product', 'product', 'lync-server-2013', 'skype-for-business-2015'],
])('%s (%s) must be as it was', (fact, key, recorded, now) => {
  expect(compareEnvironments({ x: { [key]: recorded } }, { x: { [key]: now } })).toEqual([
    { subject: 'x', fact, recorded, now },
  ])
})

// "A mirror in RESTORING is healthy"; "a changed Signature merely says republished"; services are judged elsewhere.
it.each([
  ['mirroringRole', 'PRINCIPAL', 'MIRROR'],
  ['replicaRole', 'PRIMARY', 'SECONDARY'],
  ['state', 'ONLINE', 'RESTORING'],
  ['services', 'RTCSRV', 'none'],
  ['backupService', 'CentralMgmt.CMSMaster FinalState', 'CentralMgmt.CMSMaster SteadyState'],
  ['topology', 'S-1', 'S-2'],
  ['configurationUpdatedAt', '2026-03-09T08:00:00.000Z', '2026-03-10T08:00:00.000Z'],
  ['activeDirectoryCheckedOn', '2026-01-01', '2026-03-01'],
  ['databases', 'LcsCDR', 'LcsCDR, tempwork'],
  ['complianceAdapter', 'XmlAdapter', 'none'],
  ['certificate', 'CN=a', 'CN=b'],
  ['webInternalCertificate', 'CN=a', 'CN=b'],
  ['webExternalCertificate', 'CN=a', 'CN=b'],
  ['oauthCertificate', 'CN=a', 'CN=b'],
])('%s moves without a meaning for a restore', (key, recorded, now) => {
  expect(compareEnvironments({ x: { [key]: recorded } }, { x: { [key]: now } })).toEqual([])
})

it('says nothing of what either side does not know or does not name', () => {
  expect(compareEnvironments({ x: { dns: 'unknown' } }, { x: { dns: '10.0.0.1' } })).toEqual([])
  expect(compareEnvironments({ x: { dns: '10.0.0.1' } }, { x: { dns: 'unknown' } })).toEqual([])
  expect(compareEnvironments({ x: {} }, { x: { dns: '10.0.0.1' } })).toEqual([])
  expect(compareEnvironments({ x: { dns: '10.0.0.1' } }, { y: { dns: '10.0.0.2' } })).toEqual([])
})

it('knows no case, neither of subjects nor of values', () => {
  expect(
    compareEnvironments({ 'FE01.contoso.com': { thumbprint: 'ab12' } }, { 'fe01.contoso.com': { thumbprint: 'AB12' } }),
  ).toEqual([])
  expect(
    compareEnvironments({ 'FE01.contoso.com': { dns: '10.0.0.1' } }, { 'fe01.contoso.com': { dns: '10.0.0.2' } }),
  ).toMatchObject([{ subject: 'fe01.contoso.com' }])
})
