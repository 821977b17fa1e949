import type { Finding } from '../../domain/statement.ts'
import { proofsOf } from '../../domain/restore-proofs.ts'
import type { Fresh } from '../standing.ts'
import type { FindingRule } from './rule.ts'

/** What `Update-CsUserData -TestMode` complained of: nobody knows what it proves, so it is told, and nothing rests on it. */
export const complainedTrials: FindingRule = {
  codes: ['trial-import-complained'],
  find: ({ desired: { policies }, memory: { restoreProofs }, observed: { sets } }) =>
    policies
      .filter(({ verification }) => verification.restoreTest?.imports === true)
      .flatMap(({ name }) => proofsOf(name, restoreProofs).trials ?? [])
      .filter(({ set }) => sets.some(({ id }) => id === set))
      .flatMap(({ set, at, imports }) =>
        imports
          .filter(({ outcome }) => outcome === 'complained')
          .map(({ pool, message }): Fresh<Finding> => ({
            ...{ code: 'trial-import-complained', severity: 'warning', subject: set },
            ...{ desired: 'tried without complaint', observed: 'it complained' },
            message: `Update-CsUserData -TestMode tried the user data of ${pool} in ${set} at ${at}: ${message ?? ''}`,
            remedy: 'Run it by hand over a copy of the file, and compare with the export of another day.',
          })),
      ),
}
