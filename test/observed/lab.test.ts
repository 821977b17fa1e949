/** The probes against the lab, over its real wires: what each of them tells of a healthy world, and of one that broke. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { createLog } from '../../src/base/log.ts'
import { systemRandom } from '../../src/base/random.ts'
import { readConfig } from '../../src/config/config.ts'
import { factKinds, type Facts } from '../../src/domain/facts.ts'
import { openDrivers, type Drivers } from '../../src/drivers/drivers.ts'
import { change } from '../../src/lab/lab.ts'
import { observe, type Observer } from '../../src/observed/observer.ts'
import { contosoLab } from '../lab/support.ts'
import { contoso } from '../support/contoso.ts'
import { memoryCache } from './bench.ts'

let lab: Awaited<ReturnType<typeof contosoLab>>
let drivers: Drivers
let observer: Observer

beforeAll(async () => {
  lab = await contosoLab()
  const config = await readConfig(lab.paths.config)
  drivers = openDrivers(config, systemClock, systemRandom)
  const log = createLog({ write: () => {} }, 'silent')
  const cache = memoryCache()
  observer = observe({ drivers, clock: systemClock, log, cache, owner: config.owner, before: null })
  observer.follow(await contoso())
})
afterAll(async () => {
  await observer[Symbol.asyncDispose]()
  await drivers[Symbol.asyncDispose]()
  await lab[Symbol.asyncDispose]()
})

/** The value of a fact, or the code of why it is unknown. */
function told<F extends keyof Facts>(fact: F, subject: string): Facts[F] | string {
  const seen = observer.snapshot().facts[fact].get(subject)
  return seen?.known ? seen.value : (seen?.code ?? 'not looked at')
}

/** Breaks something, looks at these subjects, and repairs it when disposed. */
async function broken(kind: string, subject: string, detail: string, ...looks: string[]): Promise<AsyncDisposable> {
  const { directory } = lab.paths
  await change(directory, 'break', { kind, subject, detail })
  await observer.look(looks)
  return { [Symbol.asyncDispose]: () => change(directory, 'repair', { kind, subject, detail: null }) }
}

const fe02 = 'fe02.contoso.com'

describe('of a healthy deployment', () => {
  beforeAll(() => observer.look('all'))

  test('everything is known', () => {
    const { facts } = observer.snapshot()
    const unknown = factKinds.flatMap((fact) =>
      [...facts[fact].values()].flatMap((one) => (one.known ? [] : [`${fact} ${one.subject}: ${one.error}`])),
    )
    expect(unknown).toEqual([])
    for (const fact of factKinds)
      if (fact !== 'source' && fact !== 'environmentRecord') expect(facts[fact].size, fact).toBeGreaterThan(0)
  })

  test('every port is open; an Edge Server is tried at its listener alone', () => {
    for (const { value } of [...observer.snapshot().facts.ports.values()].filter((one) => one.known))
      expect(value.closed).toEqual([])
    expect(told('ports', 'edge01.contoso.com')).toEqual({ open: [5061], closed: [] })
    expect(told('ports', fe02)).toEqual({ open: [445, 5061], closed: [] })
    expect(told('ports', 'sql02.contoso.com')).toEqual({ open: [445], closed: [] })
  })

  test('services are asked of all servers with a role but the Edge Servers', () => {
    const { services } = observer.snapshot().facts
    expect(services.has('edge01.contoso.com')).toBe(false)
    expect(services.has('sql01.contoso.com')).toBe(false)
    expect(told('services', 'med01.contoso.com')).toMatchObject({
      services: expect.arrayContaining([{ name: 'REPLICA', status: 'Running' }]) as unknown,
    })
  })

  test('the master, the store and the pairing are those of Git', () => {
    expect(told('centralManagement', 'contoso')).toMatchObject({ location: 'sql01.contoso.com\\rtc' })
    expect(told('pairing', 'pool01.contoso.com')).toMatchObject({ partner: 'pool02.contoso.com' })
    expect(told('pairing', 'pool02.contoso.com')).toMatchObject({ partner: 'pool01.contoso.com' })
    expect(told('pairing', 'se01.contoso.com')).toEqual({ partner: null, modules: [] })
  })
})

describe('of one that broke', () => {
  test('a service that was stopped is told, and its port is closed', async () => {
    await using _ = await broken('service', fe02, 'stopped', fe02)
    expect(told('ports', fe02)).toEqual({ open: [445], closed: [5061] })
    expect(told('services', fe02)).toMatchObject({
      services: expect.arrayContaining([{ name: 'RTCSRV', status: 'Stopped' }]) as unknown,
    })
  })

  test('a dead machine has no open port and no services that anybody knows', async () => {
    await using _ = await broken('server', fe02, 'killed', fe02)
    expect(told('ports', fe02)).toEqual({ open: [], closed: [445, 5061] })
    expect(told('services', fe02)).toBe('shell-call-failed')
  })

  test('one that only we cannot reach is still seen by the Management Shell', async () => {
    await using _ = await broken('network', fe02, 'unreachable-from-here', fe02)
    expect(told('ports', fe02)).toEqual({ open: [], closed: [445, 5061] })
    expect(told('services', fe02)).toMatchObject({ services: expect.any(Array) as unknown })
  })

  test('a machine that was made anew has no services, which is an answer', async () => {
    await using _ = await broken('wipe', fe02, 'clean', fe02)
    expect(told('ports', fe02)).toEqual({ open: [445], closed: [5061] })
    expect(told('services', fe02)).toEqual({ services: [] })
  })

  test('a late replica, a missing update and another option of DHCP are told of the right one', async () => {
    const of = (fact: 'patchLevels' | 'dhcp'): string => JSON.stringify(told(fact, 'contoso'))
    const [patches, dhcp] = [of('patchLevels'), of('dhcp')]
    await using _ = await broken('replica', 'med01.contoso.com', 'late')
    await using __ = await broken('patch', fe02, 'behind')
    await using ___ = await broken('dhcp', 'dhcp01.contoso.com', 'changed', 'contoso')
    const { replicas } = told('replication', 'contoso') as Facts['replication']
    expect(replicas.filter(({ upToDate }) => upToDate !== true).map(({ fqdn }) => fqdn)).toEqual(['med01.contoso.com'])
    const before = JSON.parse(patches) as Facts['patchLevels']
    const { servers } = told('patchLevels', 'contoso') as Facts['patchLevels']
    const changed = servers.filter(({ version }, index) => before.servers[index]?.version !== version)
    expect(changed.map(({ fqdn }) => fqdn)).toEqual([fe02])
    expect(of('dhcp')).not.toBe(dhcp)
  })

  test('a store that moved is where the directory says; a pool that Git does not know is asked for by name', async () => {
    const before = told('publishedTopology', 'contoso') as Facts['publishedTopology']
    await using _ = await broken('central-management', 'contoso', 'elsewhere')
    await using __ = await broken('topology', 'pool77.contoso.com', 'added', 'contoso')
    expect(told('centralManagement', 'contoso')).toMatchObject({ location: 'sql11.contoso.com\\rtc' })
    const after = told('publishedTopology', 'contoso') as Facts['publishedTopology']
    expect(after.signature).not.toBe(before.signature)
    await observer.look(['pool77.contoso.com'])
    expect(told('dns', 'pool77.contoso.com')).toMatchObject({ answers: expect.any(Array) as unknown })
  })

  test('pairing in error, and the end of a pairing', async () => {
    {
      await using _ = await broken('pairing', 'pool01.contoso.com', 'error', 'pool01.contoso.com')
      expect(told('pairing', 'pool01.contoso.com')).toMatchObject({
        modules: expect.arrayContaining([expect.objectContaining({ exportStatus: 'ErrorState' })]) as unknown,
      })
    }
    await using _ = await broken('pairing', 'pool01.contoso.com', 'unpaired', 'pool01.contoso.com')
    expect(told('pairing', 'pool01.contoso.com')).toEqual({ partner: null, modules: [] })
  })

  test('a file store that was emptied, and one that is not there', async () => {
    const path = '\\\\fs01.contoso.com\\LyncShare'
    {
      await using _ = await broken('file-store', path, 'emptied', path)
      expect(told('fileStore', path)).toMatchObject({ entries: 0 })
    }
    await using _ = await broken('file-store', path, 'lost', path)
    expect(told('fileStore', path)).toBe('file-gone')
  })

  test('a cmdlet that is missing or fails costs its own fact alone', async () => {
    await using _ = await broken('cmdlet', 'Get-CsPoolFabricState', 'missing', 'pool01.contoso.com')
    expect(told('fabric', 'pool01.contoso.com')).toBe('shell-call-failed')
    expect(told('pairing', 'pool01.contoso.com')).toMatchObject({ partner: 'pool02.contoso.com' })
  })
})
