// Documents nobody wrote by hand: whatever their style and content, what is imported is valid desired state.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DeploymentBuilder, zipOf } from './support/deployment.ts'
import { imported } from './support/import.ts'
import { centralManagement, frontEnd, stores } from './support/pools.ts'
import { plain, type Style } from './support/xml.ts'

const poolKinds = [
  'standard',
  'enterprise',
  'mirrored',
  'group',
  'chat',
  'edge',
  'mediation',
  'director',
  'branch',
  'trusted',
  'unknown',
  'office',
] as const

const shape = fc.record({
  domain: fc.constantFrom('contoso.com', 'Corp.Contoso.com', 'fabrikam.example', 'contoso'),
  sites: fc.array(
    fc.constantFrom('Berlin', 'New York', 'München', '現場', 'BackCompatSite', "O'Neill: yes", '  ', '- #x'),
    { minLength: 1, maxLength: 3 },
  ),
  pools: fc.array(
    fc.record({
      kind: fc.constantFrom(...poolKinds),
      site: fc.nat(2),
      version: fc.constantFrom<number | string>(4, 5, 6, 7, 8, 9, 'x'),
      machines: fc.integer({ min: 1, max: 3 }),
      short: fc.boolean(),
      instance: fc.constantFrom('', 'rtc', 'RTC', 'MSSQLSERVER', 'ümlaut'),
      sharedSql: fc.boolean(),
      partner: fc.nat(6),
      usage: fc.constantFrom('Default', 'Mirror', 'Backup', ''),
    }),
    { maxLength: 7 },
  ),
  central: fc.boolean(),
  lost: fc.nat(80),
  backupHost: fc.boolean(),
})
type Shape = typeof shape extends fc.Arbitrary<infer T> ? T : never

function build({ domain, sites, pools, central, lost, backupHost }: Shape): DeploymentBuilder {
  const builder = new DeploymentBuilder()
  builder.domain = domain
  builder.sipDomains = [domain, 'other.example', 'bad domain']
  for (const [index, name] of sites.entries()) builder.site(name, index === 2)
  const full = domain.includes('.') ? domain : 'hosts.example'
  const shared = builder.sql(builder.host(`shared.${full}`), 'rtc')
  const registrars: ReturnType<typeof frontEnd>['registrar'][] = []
  for (const [
    index,
    { kind, site, version, machines, short, instance, sharedSql, partner, usage },
  ] of pools.entries()) {
    builder.version = version
    const where = builder.sites[site % builder.sites.length]!
    const name = short ? `P${index}` : `p${index}.${full}`
    const single = kind === 'standard' || machines === 1
    const cluster = builder.host(name, {
      setup: kind !== 'trusted' && kind !== 'office',
      site: where,
      machines: single ? [name] : Array.from({ length: machines }, (_, n) => `p${index}-m${n}.${full}`),
    })
    const sql = (): typeof shared => {
      if (kind === 'standard') return builder.sql(cluster, instance)
      return sharedSql
        ? shared
        : builder.sql(
            builder.host(`sql${index}.${full}`, { site: where }),
            instance,
            kind === 'group' ? `node${index}.${full}` : null,
          )
    }
    const share = (): ReturnType<DeploymentBuilder['share']> =>
      builder.share(builder.host(index === 1 ? full : `fs${index}.${full}`), index === 2 ? 'a/b\\c' : 'share')
    switch (kind) {
      case 'standard':
      case 'enterprise':
      case 'group':
      case 'mirrored': {
        const back = sql()
        const mirror = kind === 'mirrored' ? builder.sql(builder.host(`mir${index}.${full}`), 'rtc') : null
        const [principal, second] = stores(builder, 'UserStore', back, mirror)
        const userStores = second && !('on' in second) ? [principal!, [second[0], usage] as const] : [principal!]
        const pool = frontEnd(builder, cluster, {
          userStores,
          share: share(),
          registrarUses: stores(builder, 'ArchivingStore', sharedSql ? shared : back),
        })
        registrars.push(pool.registrar)
        const other = registrars[partner]
        if (other) {
          pool.registrar.uses.push([other, 'Backup'])
          if (usage !== '') other.uses.push([pool.registrar, usage])
        }
        if (central) centralManagement(builder, cluster, back, usage === 'Default')
        break
      }
      case 'chat':
        builder.service('PersistentChatService', cluster, { uses: stores(builder, 'PersistentChatStore', sql()) })
        break
      case 'director':
        builder.service('Registrar', cluster)
        break
      case 'branch':
        builder.service('Registrar', cluster, { uses: registrars.slice(0, 1) })
        builder.service('MediationServer', cluster)
        break
      default:
        builder.service(
          {
            edge: 'EdgeServer',
            mediation: 'MediationServer',
            trusted: 'ExternalServer',
            unknown: 'Hologram',
            office: 'WacService',
          }[kind],
          cluster,
        )
    }
  }
  if (backupHost) builder.host(`backup01.${full}`, { setup: true })
  const missing = builder.services[lost]
  if (missing) missing.missing = true
  return builder
}

const styles = fc
  .record({ prefixes: fc.boolean(), noise: fc.boolean(), seed: fc.integer() })
  .map(({ prefixes, noise, seed }): Style => ({ prefixes, noise, order: numbers(seed) }))

/** A small generator of its own, so that a style is the same for each run with its seed. */
function numbers(seed: number): () => number {
  let state = seed | 1
  return () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5
    return (state >>> 0) / 2 ** 32
  }
}

test('whatever a published topology holds, validate accepts what is imported', async () => {
  await fc.assert(
    fc.asyncProperty(shape, async (given) => {
      const loaded = (await imported(build(given).published())).loaded()
      expect(loaded.ok ? [] : loaded.errors).toEqual([])
    }),
    { numRuns: 50 },
  )
})

test('the style of a document changes nothing: prefixes, orders, unknown parts, carriers', async () => {
  await fc.assert(
    fc.asyncProperty(shape, styles, async (given, style) => {
      const builder = build(given)
      const expected = await imported(builder.published(plain))
      const other = await imported(builder.published(style))
      const wrapped = await imported(
        await zipOf({ 'DocItemSet.xml': builder.configuration({ ...style, order: null }) }),
      )
      expect(other.resources).toEqual(expected.resources)
      expect(other.warnings.toSorted()).toEqual(expected.warnings.toSorted())
      expect(wrapped.resources).toEqual(expected.resources)
    }),
    { numRuns: 20 },
  )
})

test('a Topology Builder file says the same as the published topology, and validate accepts it', async () => {
  await fc.assert(
    fc.asyncProperty(shape, styles, async (given, style) => {
      const builder = build(given)
      builder.sites.splice(
        0,
        builder.sites.length,
        ...builder.sites.toSorted((a, b) => Number(a.remote) - Number(b.remote)),
      )
      const [draft, published] = [
        await imported(builder.builderFile({ original: true }, { ...style, order: null })),
        await imported(builder.published()),
      ]
      expect(draft.resources).toEqual(published.resources)
      const loaded = draft.loaded()
      expect(loaded.ok ? [] : loaded.errors).toEqual([])
    }),
    { numRuns: 20 },
  )
})
