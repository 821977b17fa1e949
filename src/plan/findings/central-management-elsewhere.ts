import { partnersOf } from '../../domain/endpoints.ts'
import { instanceName, sameSubject, sqlSubject } from '../../domain/subject.ts'
import type { Finding } from '../../domain/statement.ts'
import type { Digest } from '../digest.ts'
import type { Fresh } from '../standing.ts'
import { isUntoldOfAll } from './untold.ts'
import type { FindingRule } from './rule.ts'

/** The directory points at another Central Management store than Git: either partner of a mirror, or replica, is right. */
export const centralManagementElsewhere: FindingRule = {
  codes: ['central-management-elsewhere'],
  find,
  isDark: (_, digest) => isUntoldOfAll('centralManagement', digest),
}

function find({ desired, observed }: Digest): Fresh<Finding>[] {
  const { name, centralManagementStore: store } = desired.deployment
  const fact = observed.facts.centralManagement.get(name)
  const location = fact?.known ? fact.value.location : null
  if (
    store === null ||
    location === null ||
    partnersOf(store).some((place) => sameSubject(sqlSubject(place), written(location)))
  )
    return []
  return [
    {
      code: 'central-management-elsewhere',
      severity: 'error',
      subject: name,
      desired: sqlSubject(store),
      observed: location,
      message:
        'The directory points at another Central Management store than Git: a restore by Git would rebuild the wrong one. Correct Git, or move the store back by another failover; never point the directory at databases that are empty.',
    },
  ]
}

/** `host\` and `host\MSSQLSERVER` are the default instance. */
function written(location: string): string {
  const [host = '', instance = ''] = location.split('\\')
  return sqlSubject({ host, instance: instanceName(instance) })
}
