import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { environmentOf } from '../../src/domain/environment.ts'
import type { CallName, CallResult } from '../../src/drivers/shell/host.ts'
import { desiredState, pool } from '../support/desired.ts'
import { bench, returned, settled } from './bench.ts'

const text = readFileSync(join(import.meta.dirname, '..', 'topology', 'fixtures', 'published.xml'), 'utf8')
const desired = desiredState({
  pools: [pool('pool99.fabrikam.example', 'front-end', { servers: ['fe99.fabrikam.example'] })],
  sqlStores: [],
  fileStores: [],
  locations: [],
  policies: [],
})

/** Only the topology has an answer. */
function publishing(document: unknown) {
  return (name: CallName): Promise<CallResult> =>
    name === 'published-topology' ? Promise.resolve(returned(document)) : Promise.reject(new Error('not asked here'))
}

test('the topology is kept as it is understood, and is the same as long as its text is', async () => {
  const { observer, clock, answers } = bench()
  answers.call = publishing(text)
  observer.follow(desired)
  await observer.look('all')
  const first = observer.snapshot().facts.publishedTopology.get('contoso')
  if (!first?.known) throw new Error(first?.error)
  expect(Object.keys(first.value).sort()).toEqual(['signature', 'topology'])
  expect(JSON.stringify(first.value)).not.toContain('xmlns')
  expect(first.value.topology.pools.length).toBeGreaterThan(0)
  await clock.advance(300)
  await observer.look('all')
  const second = observer.snapshot().facts.publishedTopology.get('contoso')
  expect(second).toMatchObject({ known: true, since: first.since })
  expect(second?.known && second.value).toBe(first.value)
  answers.call = publishing(text.replace(/Signature="[^"]*"/, 'Signature="99999999-0000-0000-0000-000000000001"'))
  await clock.advance(300)
  await observer.look('all')
  const third = observer.snapshot().facts.publishedTopology.get('contoso')
  expect(third).toMatchObject({ known: true, since: clock.now() })
  expect(third?.known && third.value.signature).not.toBe(first.value.signature)
})

test('names that only the topology knows are asked for as soon as it is known, and kept while it is not', async () => {
  const { observer, clock, answers, asked } = bench()
  answers.call = publishing(text)
  observer.follow(desired)
  await observer.look('all')
  const fact = observer.snapshot().facts.publishedTopology.get('contoso')
  if (!fact?.known) throw new Error(fact?.error)
  const [host = ''] = fact.value.topology.hosts
  expect(observer.snapshot().facts.dns.has(host)).toBe(false)
  asked.length = 0
  await observer.look('all')
  expect(asked).toContain(`dns ${host} A`)
  expect(observer.snapshot().facts.dns.get(host)?.known).toBe(true)
  answers.call = () => Promise.reject(new Error('The store does not answer.'))
  await clock.advance(300)
  await observer.look('all')
  await settled()
  expect(observer.snapshot().facts.publishedTopology.get('contoso')?.known).toBe(false)
  expect(observer.snapshot().facts.dns.has(host)).toBe(true)
})

test.each([
  ['', 'answer-unreadable'],
  ['<Topology', 'topology-not-xml'],
  ['Access is denied.', 'topology-not-xml'],
  [null, 'answer-unreadable'],
])('a text that is no topology makes it unknown: %o', async (document, code) => {
  const { observer, answers } = bench()
  answers.call = publishing(document)
  observer.follow(desired)
  await observer.look('all')
  expect(observer.snapshot().facts.publishedTopology.get('contoso')).toMatchObject({ known: false, code })
})

test('names for the outside: of web services and of the external side, recorded and asked for', async () => {
  const roles = 'urn:schema:Microsoft.Rtc.Management.Deploy.ServiceRoles.2008'
  const service = 'ServiceVersion="6"><ServiceId SiteId="1" RoleName="WebServices" Instance="2" />'
  const [before = '', after = ''] = text.split(service)
  const web = `<Ports xmlns="${roles}">
    <Port Owner="urn:component:AccessEdge" InterfaceSide="External" Port="443" ConfiguredFqdn="access.fabrikam.example" />
    <Port Owner="urn:component:AccessEdge" InterfaceSide="Internal" Port="5061" ConfiguredFqdn="inside.fabrikam.example" />
  </Ports><WebService xmlns="${roles}"><ExternalSettings Host="web.fabrikam.example" /></WebService>`
  const document = `${before}${service}${after.replace(`<Ports xmlns="${roles}" />`, web)}`
  const { observer, answers } = bench()
  answers.call = publishing(document)
  observer.follow(desired)
  await observer.look('all')
  await settled()
  const seen = observer.snapshot().facts.publishedTopology.get('contoso')
  const pools = seen?.known ? seen.value.topology.pools : []
  const names = pools.find(({ fqdn }) => fqdn === 'pool01.fabrikam.example')?.externalNames
  expect(names?.toSorted()).toEqual(['access.fabrikam.example', 'web.fabrikam.example'])
  await observer.look('all')
  expect(observer.snapshot().facts.dns.get('web.fabrikam.example')?.known).toBe(true)
  expect(environmentOf(desired, observer.snapshot())['pool01.fabrikam.example']).toMatchObject({
    externalNames: 'access.fabrikam.example, web.fabrikam.example',
  })
})
