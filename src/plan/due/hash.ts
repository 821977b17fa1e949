import { hashOf } from '../../base/hash.ts'
import type { Action } from '../../domain/action.ts'

/** Of what is wanted, without the time: the same wish has the same hash. Action ids already cover their ground. */
export function planHash(revision: string, actions: readonly Action[]): string {
  return hashOf([revision, ...actions.map(({ id }) => id).sort()])
}

/** The same kind, subject and ground give the same id: nothing starts twice. */
export function actionId(kind: Action['kind'], subject: string, ground: readonly (string | number | null)[]): string {
  return hashOf([kind, subject, ...ground]).slice(0, 16)
}
