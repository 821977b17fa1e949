import { sameSubject } from '../../domain/subject.ts'
import { fault, warning, type Judgement } from '../judgement.ts'
import type { Resource, Resources } from '../resources.ts'
import { serversOf } from '../topology.ts'

/** A machine runs the roles of one pool (domain reference, section 1). */
export function serversBelongToOnePool(resources: Resources): Judgement[] {
  const seats = resources
    .all('Pool')
    .flatMap((pool) => serversOf(pool).map((server, index) => ({ pool, server, index })))
  const same = Map.groupBy(seats, ({ server }) => server.toLowerCase())
  return [...same.values()].flatMap(([first, ...others]) =>
    others.map(({ pool, server, index }) =>
      fault('server-in-two-pools', pool.at(['spec', 'servers', index]), {
        message: `${server} is already a server of pool ${first?.pool.name ?? ''}.`,
        hint: 'A server belongs to one pool. Remove it from the other.',
      }),
    ),
  )
}

/** A Standard Edition pool is one server of the same name (domain reference, section 1); the others have members. */
export function poolsHaveTheirServers(resources: Resources): Judgement[] {
  return resources.all('Pool').flatMap((pool) => {
    const servers = serversOf(pool)
    const at = pool.at(['spec', 'servers'])
    if (pool.spec.type === 'standard-edition')
      return servers.length === 1 && sameSubject(servers[0] ?? '', pool.name) ? [] : [standardEdition(pool, at)]
    if (servers.length > 0 || pool.spec.type === 'unsupported') return []
    return [
      fault('pool-without-servers', at, {
        message: `Pool ${pool.name} has no servers.`,
        hint: 'List the FQDNs of its members below `servers:`, in the order of the topology.',
      }),
    ]
  })
}

function standardEdition(pool: Resource<'Pool'>, at: Parameters<typeof fault>[1]): Judgement {
  return fault('standard-edition-servers', at, {
    message: `Pool ${pool.name} is a Standard Edition pool, so ${pool.name} must be its one and only server.`,
    hint: 'Leave `servers` out, or use type: front-end for an Enterprise Edition pool.',
  })
}

const needed = { 'front-end': 'userStore', 'persistent-chat': 'persistentChat' } as const

/** Without its store a pool can be backed up only in part. An import may have had to leave it out, so it is not an error. */
export function poolsHaveTheirStores(resources: Resources): Judgement[] {
  return resources.all('Pool').flatMap((pool) => {
    const { type } = pool.spec
    const field = type === 'front-end' || type === 'persistent-chat' ? needed[type] : null
    if (field === null || pool.spec[field] !== undefined) return []
    return [
      warning('pool-without-store', pool.at(['spec']), {
        message: `Pool ${pool.name} is of type ${type} and does not name its ${field}.`,
        hint: `Add ${field}: with the name of its SqlStore; what is in it is not backed up otherwise.`,
      }),
    ]
  })
}
