import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { zipOf } from './support/deployment.ts'
import { imported } from './support/import.ts'

// One deployment of 2013: se01 with the Central Management store, pool01 with a mirrored Back End.
const published = readFileSync(new URL('fixtures/published.xml', import.meta.url))
const draft = readFileSync(new URL('fixtures/draft.tbxml', import.meta.url))

type Imported = Awaited<ReturnType<typeof imported>>

const sqlStores = {
  'se01-rtc': { host: 'se01.fabrikam.example', instance: 'rtc', highAvailability: 'none' },
  'sql01-rtc': {
    host: 'sql01.fabrikam.example',
    instance: 'rtc',
    highAvailability: { mirror: { partner: 'sql02.fabrikam.example' } },
  },
}
const pool01 = {
  site: 'Hamburg',
  type: 'front-end',
  servers: ['fe01.fabrikam.example', 'fe02.fabrikam.example'],
  applications: ['response-group'],
  userStore: 'sql01-rtc',
  archiving: 'sql01-rtc',
  monitoring: 'sql01-rtc',
  fileStore: 'fs01-lyncee',
}
const se01 = {
  site: 'Hamburg',
  type: 'standard-edition',
  servers: ['se01.fabrikam.example'],
  userStore: 'se01-rtc',
  fileStore: 'se01-lyncse',
}

describe('the published example', () => {
  let result: Imported
  beforeAll(async () => {
    result = await imported(published)
  })

  test('is a deployment of Lync Server 2013 with the Central Management store on se01', () => {
    expect(result.names('Deployment')).toEqual(['hamburg'])
    expect(result.spec('Deployment')).toEqual({
      product: 'lync-server-2013',
      domain: 'fabrikam.example',
      sipDomains: ['fabrikam.example'],
      centralManagementStore: 'se01-rtc',
    })
  })

  test('has a Standard Edition and an Enterprise pool with their stores', () => {
    expect(result.names('Pool')).toEqual(['pool01.fabrikam.example', 'se01.fabrikam.example'])
    expect(result.spec('Pool', 'pool01.fabrikam.example')).toEqual(pool01)
    expect(result.spec('Pool', 'se01.fabrikam.example')).toEqual(se01)
  })

  test('has one SqlStore per instance, and none for the mirror', () => {
    expect(result.names('SqlStore')).toEqual(['se01-rtc', 'sql01-rtc'])
    for (const [name, spec] of Object.entries(sqlStores)) expect(result.spec('SqlStore', name)).toEqual(spec)
  })

  test('lists the service folders of each file store', () => {
    expect(result.spec('FileStore', 'fs01-lyncee')).toEqual({
      path: String.raw`\\fs01.fabrikam.example\lyncee`,
      serviceFolders: ['1-ApplicationServer-2', '1-ConfServices-2', '1-UserServices-2', '1-WebServices-2'],
    })
    expect(result.spec('FileStore', 'se01-lyncse')['serviceFolders']).toEqual([
      '1-ApplicationServer-1',
      '1-CentralMgmt-1',
      '1-ConfServices-1',
      '1-UserServices-1',
      '1-WebServices-1',
    ])
  })

  test('is valid desired state, and warns only of what every import has to assume', () => {
    expect(result.loaded().ok).toBe(true)
    expect(result.warnings).toHaveLength(3)
    expect(result.warnings[0]).toMatch(/Active Directory/)
    expect(result.warnings.slice(1).join()).toMatch(/BackupLocation backup01.*proposal.*BackupPolicy nightly.*proposal/)
  })
})

describe('the draft of the same deployment', () => {
  let result: Imported
  beforeAll(async () => {
    result = await imported(draft)
  })

  test('has the same pools and SQL stores', () => {
    expect(result.spec('Pool', 'pool01.fabrikam.example')).toEqual(pool01)
    expect(result.spec('Pool', 'se01.fabrikam.example')).toEqual(se01)
    for (const [name, spec] of Object.entries(sqlStores)) expect(result.spec('SqlStore', name)).toEqual(spec)
  })

  test('has no service folders, because a draft has no such ids', () => {
    expect(result.spec('FileStore', 'fs01-lyncee')).toEqual({ path: String.raw`\\fs01.fabrikam.example\lyncee` })
  })

  test('leaves the Central Management store out and says so', () => {
    expect(result.spec('Deployment')).not.toHaveProperty('centralManagementStore')
    expect(result.warnings.join('\n')).toContain('Central Management store is not in this document')
    expect(result.warnings.join('\n')).toContain('draft')
    expect(result.warnings.join('\n')).toContain('does not prove the live state')
    const loaded = result.loaded()
    expect(loaded.ok).toBe(true)
    expect(loaded.warnings.map(({ code }) => code)).toContain('central-management-store-missing')
  })

  test('tells nothing of the path on its author’s machine', () => {
    expect(JSON.stringify(result)).not.toMatch(/topo|fabrikam\.tbxml/)
  })
})

describe('the published example in every form', () => {
  const text = published.toString('utf8')
  const forms: [string, () => Promise<Uint8Array> | Uint8Array][] = [
    ['UTF-16LE with byte order mark and CRLF', () => Buffer.from(`\uFEFF${text.replaceAll('\n', '\r\n')}`, 'utf16le')],
    ['UTF-16LE without byte order mark', () => Buffer.from(text, 'utf16le')],
    ['UTF-16BE with byte order mark', () => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16()],
    ['UTF-16BE without byte order mark', () => Buffer.from(text, 'utf16le').swap16()],
    ['UTF-8 with byte order mark', () => Buffer.from(`\uFEFF${text}`)],
    ['with a contradicting declaration', () => Buffer.from(`\uFEFF<?xml version="1.0" encoding="utf-16"?>\n${text}`)],
    ['with empty lines before it', () => Buffer.from(`\uFEFF\r\n\r\n${text}\r\n\r\n`)],
    ['in a configuration export', () => zipOf({ '[Content_Types].xml': '<Types/>', 'DocItemSet.xml': envelope(text) })],
    [
      'in a configuration export with another case',
      () => zipOf({ 'docitemset.XML': Buffer.from(`\uFEFF${envelope(text)}`) }),
    ],
    ['as the bare DocItemSet.xml', () => Buffer.from(envelope(text))],
  ]
  test.each(forms)('%s gives the same resources', async (_form, bytes) => {
    const [result, expected] = await Promise.all([imported(await bytes()), imported(published)])
    expect(result.resources).toEqual(expected.resources)
    expect(result.warnings).toEqual(expected.warnings)
  })
})

function envelope(payload: string): string {
  return `<DocItemSet><DocItem Name="urn:x"><Data><AnchoredXml xmlns="urn:schema:Microsoft.Rtc.Management.ScopeFramework.2008"><Dictionary Count="1"><Item><Key/><Value Signature="s">${payload}</Value></Item></Dictionary></AnchoredXml></Data></DocItem></DocItemSet>`
}
