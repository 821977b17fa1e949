/** What each product version supports (domain reference, sections 2.1 and 2.2). */
import type { Product } from '../../domain/model.ts'
import { sameSubject } from '../../domain/subject.ts'
import { fault, warning, type Judgement } from '../judgement.ts'
import type { Resource, Resources } from '../resources.ts'
import { serversOf, storeRoles } from '../topology.ts'

/** Years of SQL Server for Back Ends and other stores: Database software support, Server requirements, System requirements. */
const sqlVersions: Readonly<Record<Product, readonly string[]>> = {
  'lync-server-2013': ['2008 R2', '2012'],
  'skype-for-business-2015': ['2012', '2014', '2016', '2017', '2019'],
  'skype-for-business-2019': ['2016', '2017', '2019'],
  'skype-for-business-se': ['2016', '2017', '2019'],
}

/** Nobody has confirmed these: they warn and decide nothing. */
const unconfirmedVersions: Readonly<Partial<Record<Product, readonly string[]>>> = {
  'skype-for-business-se': ['2022', '2025'],
}

const withoutPersistentChat: readonly Product[] = ['skype-for-business-2019', 'skype-for-business-se']
const withoutMirroring = withoutPersistentChat

/** The pool's own product, else the deployment's; null when neither is known. */
export function productOf(pool: Resource<'Pool'>, resources: Resources): Product | null {
  return pool.spec.product ?? resources.all('Deployment')[0]?.spec.product ?? null
}

export function productSupportsPool(resources: Resources): Judgement[] {
  return resources.all('Pool').flatMap((pool) => {
    const product = productOf(pool, resources)
    const field = pool.spec.type === 'persistent-chat' ? 'type' : 'persistentChat'
    const wanted = pool.spec.type === 'persistent-chat' || pool.spec.persistentChat !== undefined
    if (!wanted || product === null || !withoutPersistentChat.includes(product)) return []
    return [
      fault('persistent-chat-unsupported', pool.at(['spec', field]), {
        message: `Pool ${pool.name} has Persistent Chat, which ${product} no longer has.`,
        hint: 'Remove it, or set the product of this pool to the version that it really has.',
      }),
    ]
  })
}

export function productSupportsStores(resources: Resources): Judgement[] {
  const uses = resources
    .all('Pool')
    .filter(({ spec }) => spec.type !== 'unsupported')
    .flatMap((pool) => storeRoles.flatMap((role) => useOf(pool, role, resources)))
  const judged = uses.flatMap((use) => [...sqlVersion(use), ...highAvailability(use)])
  const first = new Map(judged.map((judgement) => [`${judgement.code} ${judgement.message}`, judgement] as const))
  return [...first.values()]
}

interface Use {
  pool: Resource<'Pool'>
  role: (typeof storeRoles)[number]
  store: Resource<'SqlStore'>
  product: Product
}

function useOf(pool: Resource<'Pool'>, role: Use['role'], resources: Resources): Use[] {
  const name = pool.spec[role]
  const store = name === undefined ? null : resources.find('SqlStore', name)
  const product = productOf(pool, resources)
  return store === null || product === null ? [] : [{ pool, role, store, product }]
}

function sqlVersion({ pool, store, product }: Use): Judgement[] {
  const { version, host } = store.spec
  const local = serversOf(pool).some((server) => sameSubject(server, host)) // setup brought that SQL Express itself
  if (version === undefined || local || sqlVersions[product].includes(version)) return []
  const at = store.at(['spec', 'version'])
  if (unconfirmedVersions[product]?.includes(version) === true)
    return [
      warning('sql-version-unconfirmed', at, {
        message: `It is not confirmed that ${product} supports SQL Server ${version} (store ${store.name}).`,
        hint: 'Check the system requirements of your update. Nothing is refused because of it.',
      }),
    ]
  return [
    fault('sql-version-unsupported', at, {
      message: `${product} does not support SQL Server ${version} (store ${store.name} of pool ${pool.name}).`,
      hint: `Supported: ${sqlVersions[product].join(', ')}. Correct the version, or the product of the pool.`,
    }),
  ]
}

function highAvailability({ role, store, product }: Use): Judgement[] {
  const mode = store.spec.highAvailability
  if (mode === 'none') return []
  const at = store.at(['spec', 'highAvailability'])
  const unsupported = (what: string): Judgement[] => [
    fault('high-availability-unsupported', at, {
      message: `Store ${store.name}: ${what}.`,
      hint: 'Correct highAvailability, or the product of the pools that use the store.',
    }),
  ]
  if (mode.mirror && withoutMirroring.includes(product)) return unsupported(`${product} does not support SQL mirroring`)
  if (!mode['availability-group']) return []
  if (product === 'lync-server-2013') return unsupported(`${product} does not support availability groups`)
  return role === 'persistentChat' ? unsupported('Persistent Chat cannot be in an availability group') : []
}

/** One SQL server must not serve two Front End pools. Topologies that do exist were published, so it is a warning. */
export function backEndServesOnePool(resources: Resources): Judgement[] {
  const uses = resources
    .all('Pool')
    .flatMap((pool) => (pool.spec.type === 'front-end' ? useOf(pool, 'userStore', resources) : []))
  const same = Map.groupBy(uses, ({ store }) => store.spec.host.toLowerCase())
  return [...same.values()].flatMap(([first, ...others]) =>
    others.map(({ pool, store }) =>
      warning('back-end-shared', pool.at(['spec', 'userStore']), {
        message: `${store.spec.host} is the Back End of ${first?.pool.name ?? ''} and of ${pool.name}.`,
        hint: 'The vendor supports one Front End pool for each Back End server. Check the name of the store.',
      }),
    ),
  )
}
