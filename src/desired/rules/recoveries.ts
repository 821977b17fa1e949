import { nearest } from '../../base/nearest.ts'
import { knownSteps } from '../../domain/procedures/procedures.ts'
import { fault, type Judgement } from '../judgement.ts'
import type { Resource, Resources } from '../resources.ts'

/** A Recovery is of a server or of a user; what belongs to the other is a mistake. */
export function recoveriesAreOfOne(resources: Resources): Judgement[] {
  return resources.all('Recovery').flatMap(({ name, spec, at }) => {
    const tell = (path: string[], message: string, hint: string): Judgement[] => [
      fault('recovery-of-one', at(['spec', ...path]), { message: `Recovery ${name}: ${message}`, hint }),
    ]
    const forms = 'Write server and scenario, or user, pool and from.'
    if (spec.server !== undefined && spec.user !== undefined)
      return tell(['user'], 'it names a server and a user.', `Make two of it. ${forms}`)
    if (spec.server === undefined && spec.user === undefined) return tell([], 'it names no server and no user.', forms)
    if (spec.server !== undefined) {
      if (spec.scenario === undefined) return tell([], 'scenario is missing.', 'Add the scenario of the flag.')
      return spec.pool === undefined ? [] : tell(['pool'], 'pool belongs to the recovery of a user.', 'Remove it.')
    }
    const show = `holdfast restore user ${spec.user ?? ''} shows the whole of it.`
    const foreign = (['scenario', 'run', 'finished'] as const).filter((field) => spec[field] !== undefined)
    const lists = (['accept', 'acknowledge', 'choose'] as const).filter((field) => spec[field].length > 0)
    return [
      ...(spec.pool === undefined ? tell([], 'pool is missing.', `Add the pool of the user. ${show}`) : []),
      ...(spec.from === 'latest'
        ? tell([], 'from is not the id of a set: which day is wanted is for a person to say.', `Add it. ${show}`)
        : []),
      ...[...foreign, ...lists].flatMap((field) =>
        tell([field], `${field} belongs to the recovery of a server.`, `Remove it. ${show}`),
      ),
    ]
  })
}

/** Two that are not finished could say different things of the same server, or of the same user. */
export function oneRecoveryPerServer(resources: Resources): Judgement[] {
  const open = resources.all('Recovery').filter(({ spec }) => spec.finished === undefined)
  return [...Map.groupBy(open, (one) => subjectOf(one).toLowerCase()).values()].flatMap(([first, ...others]) =>
    others.map((other) =>
      fault('recovery-duplicate', other.at(['spec', other.spec.server === undefined ? 'user' : 'server']), {
        message: `Recovery ${first?.name ?? ''} is for ${subjectOf(other)} already, and is not finished.`,
        hint: 'Keep one of them, or say of the older one that it is finished; that of a user is removed.',
      }),
    ),
  )
}

function subjectOf({ name, spec }: Resource<'Recovery'>): string {
  return spec.server ?? spec.user ?? name
}

/** What somebody says is said of a step, or of the way of a fork, that there is. */
export function recoveriesNameSteps(resources: Resources): Judgement[] {
  return resources
    .all('Recovery')
    .flatMap((recovery) => [
      ...recovery.spec.acknowledge.flatMap(({ step }, index) => named(recovery, ['acknowledge', index], step)),
      ...recovery.spec.choose.flatMap(({ step, branch }, index) => named(recovery, ['choose', index], step, branch)),
    ])
}

function named(from: Resource<'Recovery'>, path: readonly PropertyKey[], step: string, branch?: string): Judgement[] {
  const ways = knownSteps.get(step)
  const tell = (field: string, message: string, name: string, names: readonly string[]): Judgement[] => {
    const meant = nearest(name, names)
    const hint = meant === null ? `holdfast runbook ${subjectOf(from)} shows them.` : `Did you mean ${meant}?`
    return [
      fault('recovery-step-unknown', from.at(['spec', ...path, field]), {
        message: `Recovery ${from.name}: ${message}`,
        hint,
      }),
    ]
  }
  if (ways === undefined) return tell('step', `no procedure has a step ${step}.`, step, [...knownSteps.keys()])
  if (branch === undefined)
    return ways.length === 0
      ? []
      : tell('step', `${step} is a fork (${ways.join(', ')}): choose its way in \`choose\`.`, step, [])
  if (ways.length === 0) return tell('step', `${step} is not a fork: acknowledge it in \`acknowledge\`.`, step, [])
  return ways.includes(branch) ? [] : tell('branch', `${step} has no way ${branch}.`, branch, ways)
}
