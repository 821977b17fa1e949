// Documents that are wrong, or were made to do harm: refused with a reason, in bounded memory.
import { describe, expect, test } from 'vitest'
import { readTopology } from '../../src/topology/read.ts'
import { DeploymentBuilder, zipOf } from './support/deployment.ts'
import { imported } from './support/import.ts'
import { standardEdition } from './support/pools.ts'
import { node, uris } from './support/xml.ts'

const builder = new DeploymentBuilder()
standardEdition(builder, 'se01.contoso.com')
const good = builder.published()

async function refusal(document: string | Uint8Array): Promise<string> {
  try {
    await readTopology(Buffer.from(document as string))
  } catch (thrown) {
    return (thrown as { code: string }).code
  }
  return 'read'
}

describe('XML', () => {
  test.each([
    ['an empty file', '', 'topology-not-xml'],
    ['one byte', '<', 'topology-not-xml'],
    ['only a byte order mark', '\uFEFF', 'topology-not-xml'],
    ['a cut document', good.slice(0, -30), 'topology-not-xml'],
    ['text after the root', `${good}<more/>`, 'topology-not-xml'],
    ['an unknown entity', good.replace('contoso.com', '&domain;'), 'topology-not-xml'],
    ['an undeclared prefix', good.replace('<Sites', '<x:Sites'), 'topology-not-xml'],
    ['a duplicate attribute', good.replace(' Fqdn=', ' Fqdn="x" Fqdn='), 'topology-not-xml'],
    ['a DOCTYPE', `<!DOCTYPE Topology>${good}`, 'topology-doctype'],
    ['an external entity', `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>${good}`, 'topology-doctype'],
    ['another root', '<Objs Version="1.1.0.1"/>', 'topology-not-found'],
    ['the right root in another namespace', '<Topology xmlns="urn:other"/>', 'topology-not-found'],
    ['the right root without a namespace', '<Topology/>', 'topology-not-found'],
    ['a Topology Builder file without a new topology', `<TopologyBuilder xmlns="${uris.B}"/>`, 'topology-not-found'],
    ['a configuration export without a topology', builder.configuration(undefined, []), 'topology-not-found'],
    [
      'a configuration export with two',
      builder.configuration(undefined, [builder.topology(), builder.topology()]),
      'topology-ambiguous',
    ],
    [
      'a topology within a topology',
      builder.configuration(undefined, [node('T', 'Topology', {}, [builder.topology()])]),
      'topology-ambiguous',
    ],
    [
      'an export of user data',
      '<DocItemSet><DocItem Name="urn:lcd:User1@contoso.com"><Data><HomedResource/></Data></DocItem></DocItemSet>',
      'topology-user-data',
    ],
  ])('%s', async (_name, document, code) => {
    expect(await refusal(document)).toBe(code)
  })

  test('a refused export of user data names the right cmdlet', async () => {
    const document = '<DocItemSet><DocItem Name="urn:hcd:x"/></DocItemSet>'
    await expect(readTopology(Buffer.from(document))).rejects.toMatchObject({
      hint: expect.stringContaining('Export-CsConfiguration') as string,
    })
  })

  test('a billion laughs', async () => {
    const entities = Array.from({ length: 30 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join('')
    expect(await refusal(`<!DOCTYPE a [<!ENTITY l0 "ha">${entities}]><a>&l30;</a>`)).toBe('topology-doctype')
  })

  test('an endless DOCTYPE is refused at its beginning', async () => {
    expect(await refusal(`<!DOCTYPE a [${'<!ENTITY x "y">'.repeat(100_000)}`)).toBe('topology-doctype')
  })

  test.each([
    ['nesting', `${'<a>'.repeat(300)}${'</a>'.repeat(300)}`],
    ['nesting inside the topology', good.replace('<Sites', `${'<a>'.repeat(300)}${'</a>'.repeat(300)}<Sites`)],
    ['attributes', good.replace('<Sites', `<Sites ${Array.from({ length: 600 }, (_, n) => `a${n}="1"`).join(' ')}`)],
    ['an attribute value', good.replace('Fqdn="', `Fqdn="${'x'.repeat(70_000)}`)],
    ['a text', good.replace('<Name>', `<Name>${'x'.repeat(70_000)}`)],
    ['text between two tags', good.replace('<Sites', `<!--${'x'.repeat(18_000_000)}--><Sites`)],
    ['text before the root', `<!--${'x'.repeat(2_000_000)}-->${good}`],
  ])('too much %s', async (name, document) => {
    const whole = name === 'nesting' ? `<DocItemSet>${document}</DocItemSet>` : document
    expect(await refusal(whole)).toBe('topology-too-large')
  })

  test('names that would be escape codes or lines of their own reach no message and no file', async () => {
    const own = new DeploymentBuilder()
    own.site('Ber\u0085lin\u009b31m')
    standardEdition(own, 'se01.contoso.com')
    own.service('Evil\u009b31mStore', own.host('x.contoso.com'))
    const result = await imported(own.published())
    expect([...result.warnings, JSON.stringify(result.resources)].join('')).not.toMatch(/[\u0080-\u009f]/)
    expect(result.spec('Pool')['site']).toBe('Ber lin 31m')
  })
})

describe('ZIP', () => {
  test.each([
    ['without DocItemSet.xml', { 'E911.xml': '<a/>' }, 'topology-not-found'],
    ['with it in a folder', { 'x/DocItemSet.xml': '<a/>' }, 'topology-not-found'],
    ['with two of it', { 'DocItemSet.xml': good, 'docitemset.xml': good }, 'topology-not-found'],
    ['with something else in it', { 'DocItemSet.xml': 'x' }, 'topology-not-xml'],
  ])('%s', async (_name, files, code) => {
    expect(await refusal(await zipOf(files as Record<string, string>))).toBe(code)
  })

  test('that is cut or changed', async () => {
    const zip = await zipOf({ 'DocItemSet.xml': builder.configuration() })
    expect(await refusal(zip)).toBe('read')
    expect(await refusal(zip.subarray(0, zip.length / 2))).toBe('topology-zip-damaged')
    const otherChecksum = Buffer.from(zip)
    const directory = otherChecksum.indexOf('PK\u0001\u0002', 'latin1')
    otherChecksum.writeUInt32LE(1, directory + 16)
    expect(await refusal(otherChecksum)).toBe('topology-zip-damaged')
  })

  test('bomb: a small archive that unpacks to more than any export is refused by its own word', async () => {
    const zip = await zipOf({ 'DocItemSet.xml': builder.configuration() })
    const directory = zip.indexOf('PK\u0001\u0002', 'latin1')
    zip.writeUInt32LE(2_000_000_000, directory + 24)
    expect(await refusal(zip)).toBe('topology-too-large')
  })
})

test('a document of 20 MB is read in bounded memory', async () => {
  const other = `<DocItem Name="urn:x"><Data>${`<Item Key="${'k'.repeat(60)}"><Value>${'v'.repeat(60)}</Value></Item>`.repeat(140_000)}</Data></DocItem>`
  const document = Buffer.from(builder.configuration().replace('<DocItem ', `${other}<DocItem `))
  expect(document.length).toBeGreaterThan(20_000_000)
  const before = process.memoryUsage().heapUsed
  let peak = 0
  const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage().heapUsed)), 10)
  const { services } = await readTopology(document)
  clearInterval(timer)
  expect(services).toHaveLength(7)
  expect(Math.max(peak, process.memoryUsage().heapUsed) - before).toBeLessThan(150_000_000)
})
