import { nearest } from '../../base/nearest.ts'
import { knownSteps } from '../../domain/procedures/procedures.ts'
import { fault, type Judgement } from '../judgement.ts'
import type { Resource, Resources } from '../resources.ts'

/** Two that are not finished could say different things of the same server. */
export function oneRecoveryPerServer(resources: Resources): Judgement[] {
  const open = resources.all('Recovery').filter(({ spec }) => spec.finished === undefined)
  return [...Map.groupBy(open, ({ spec }) => spec.server.toLowerCase()).values()].flatMap(([first, ...others]) =>
    others.map((other) =>
      fault('recovery-duplicate', other.at(['spec', 'server']), {
        message: `Recovery ${first?.name ?? ''} is for ${other.spec.server} already, and is not finished.`,
        hint: 'Keep one of them, or say of the older one that it is finished.',
      }),
    ),
  )
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
    const hint = meant === null ? `holdfast runbook ${from.spec.server} shows them.` : `Did you mean ${meant}?`
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
