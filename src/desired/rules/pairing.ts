import { sameSubject } from '../../domain/subject.ts'
import { fault, warning, type Judgement } from '../judgement.ts'
import type { Resource, Resources } from '../resources.ts'
import { productOf } from './products.ts'

const pairable: readonly string[] = ['standard-edition', 'front-end']

/** One to one, mutual, Enterprise with Enterprise, Standard with Standard (Supported pool pairing options). */
export function pairedPoolsFit(resources: Resources): Judgement[] {
  return resources.all('Pool').flatMap((pool) => {
    const partner = pool.spec.pairedWith === undefined ? null : resources.find('Pool', pool.spec.pairedWith)
    return partner === null ? [] : judge(pool, partner, resources)
  })
}

function judge(pool: Resource<'Pool'>, partner: Resource<'Pool'>, resources: Resources): Judgement[] {
  const at = pool.at(['spec', 'pairedWith'])
  if (sameSubject(pool.name, partner.name))
    return [
      fault('pairing-not-mutual', at, {
        message: `Pool ${pool.name} is paired with itself.`,
        hint: 'Name the pool of the other site.',
      }),
    ]
  if (!sameSubject(partner.spec.pairedWith ?? '', pool.name))
    return [
      fault('pairing-not-mutual', at, {
        message: `Pool ${pool.name} is paired with ${partner.name}, which ${
          partner.spec.pairedWith === undefined
            ? 'does not name a partner'
            : `is paired with ${partner.spec.pairedWith}`
        }.`,
        hint: `Write pairedWith: ${pool.name} in ${partner.name}, or correct it here.`,
      }),
    ]
  return [...editions(pool, partner, at), ...highAvailability(pool, partner, resources, at)]
}

function editions(pool: Resource<'Pool'>, partner: Resource<'Pool'>, at: Parameters<typeof fault>[1]): Judgement[] {
  if (!pairable.includes(pool.spec.type))
    return [
      fault('pairing-mixed', at, {
        message: `Pool ${pool.name} is of type ${pool.spec.type}, which cannot be paired.`,
        hint: 'Only front-end and standard-edition pools are paired. Remove pairedWith.',
      }),
    ]
  if (pool.spec.type === partner.spec.type) return []
  return [
    fault('pairing-mixed', at, {
      message: `Pool ${pool.name} (${pool.spec.type}) is paired with ${partner.name} (${partner.spec.type}).`,
      hint: 'Enterprise Edition pairs with Enterprise, Standard with Standard; Topology Builder does not check it.',
    }),
  ]
}

/** Both pools must protect their Back End in the same way, and be of one version. */
function highAvailability(
  pool: Resource<'Pool'>,
  partner: Resource<'Pool'>,
  resources: Resources,
  at: Parameters<typeof fault>[1],
): Judgement[] {
  const differences = [
    [modeOf(pool, resources), modeOf(partner, resources)],
    [productOf(pool, resources), productOf(partner, resources)],
  ].filter(([here, there]) => here !== null && there !== null && here !== there)
  return differences.map(([here, there]) =>
    warning('pairing-unequal', at, {
      message: `Paired pools should be alike: ${pool.name} has ${here ?? ''}, ${partner.name} has ${there ?? ''}.`,
      hint: 'Use the same product version and the same high availability of the Back End in both.',
    }),
  )
}

function modeOf(pool: Resource<'Pool'>, resources: Resources): string | null {
  const store = pool.spec.userStore === undefined ? null : resources.find('SqlStore', pool.spec.userStore)
  if (store === null) return null
  const mode = store.spec.highAvailability
  return mode === 'none' ? 'a single Back End' : (Object.keys(mode)[0] ?? null)
}
