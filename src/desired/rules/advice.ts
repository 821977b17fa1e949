import { requiredItems, unprotectedItems } from '../../domain/inventory.ts'
import type { Desired } from '../../domain/model.ts'
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

const subjectsShown = 5

/** What the topology asks for and every policy leaves out: one warning for each kind, where the widest policy chooses. */
export function everythingIsBackedUp(desired: Desired, resources: Resources): Judgement[] {
  const size = new Map(desired.policies.map((one) => [one.name, requiredItems(desired, one).length]))
  const [widest] = resources.all('BackupPolicy').toSorted((a, b) => (size.get(b.name) ?? 0) - (size.get(a.name) ?? 0))
  if (!widest)
    return resources.all('Deployment').map((deployment) =>
      warning('not-backed-up', deployment.at(['spec']), {
        message: 'There is no BackupPolicy: nothing is backed up.',
        hint: 'Add a BackupPolicy. Without include it backs up everything that the topology asks for.',
      }),
    )
  return [...Map.groupBy(unprotectedItems(desired), ({ kind }) => kind)].map(([kind, items]) =>
    warning('not-backed-up', widest.at(['spec', 'include']), {
      message: `No policy backs up ${kind} of ${listed(items.map(({ subject }) => subject))}.`,
      hint: 'Name the kind, the pool or the store in the include of a policy, or leave include out to back up everything.',
    }),
  )
}

function listed(subjects: readonly string[]): string {
  const more = subjects.length - subjectsShown
  return more > 0 ? `${subjects.slice(0, subjectsShown).join(', ')} and ${more} more` : subjects.join(', ')
}
