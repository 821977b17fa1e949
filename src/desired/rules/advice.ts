import { warning, type Judgement } from '../judgement.ts'
import type { Resources } from '../resources.ts'
import { keptElsewhereKinds } from '../specs/deployment.ts'

/** A restore needs more than Holdfast keeps (domain reference, section 3.3). */
export function everythingKeptElsewhereIsNamed(resources: Resources): Judgement[] {
  return resources
    .all('Deployment')
    .slice(0, 1)
    .flatMap((deployment) => {
      const named = new Set(deployment.spec.keptElsewhere.map(({ what }) => what))
      const missing = keptElsewhereKinds.filter((what) => !named.has(what))
      if (missing.length === 0) return []
      return [
        warning('kept-elsewhere-missing', deployment.at(['spec', 'keptElsewhere']), {
          message: `keptElsewhere does not say who backs up: ${missing.join(', ')}.`,
          hint: 'Add an entry for each: what, where, responsible, checkedOn. Where it does not apply, say so in where.',
        }),
      ]
    })
}

export function centralManagementStoreIsNamed(resources: Resources): Judgement[] {
  return resources
    .all('Deployment')
    .slice(0, 1)
    .filter(({ spec }) => spec.centralManagementStore === undefined)
    .map((deployment) =>
      warning('central-management-store-missing', deployment.at(['spec']), {
        message: 'The Central Management store is not in this desired state: centralManagementStore is missing.',
        hint: 'Name the SqlStore that holds the databases xds and lis. Every restore begins with it.',
      }),
    )
}
