import type { Facts } from '../../domain/facts.ts'
import { homesUsers } from '../../domain/inventory.ts'
import { sameSubject } from '../../domain/subject.ts'
import type { Subject } from '../../domain/words.ts'
import { objectsOf, requiredText, unreadable, type Answer } from '../answer.ts'
import type { Probe } from '../probe.ts'

/** All pools in one call. */
export const poolStatesProbe: Probe<'poolStates'> = {
  source: 'Get-CsRegistrarConfiguration',
  deadlineSeconds: 120,
  atOnce: 'shell-first',
  subjects: ({ deployment, pools }) => (pools.some(homesUsers) ? [deployment.name] : []),
  async look(_subject, { desired, drivers }, signal) {
    const answers = objectsOf(await drivers.probeShell.call('registrar-settings', {}, signal))
    return readPoolStates(
      answers,
      desired.pools.filter(homesUsers).map(({ fqdn }) => fqdn),
    )
  },
}

/**
 * The state of each of these pools: of the settings of its own Registrar, which a failover makes, else of the global ones
 * ("Get-CsRegistrarConfiguration"; those of a site are for other settings). Throws Problem `answer-unreadable` where they
 * do not tell it.
 */
export function readPoolStates(answers: readonly Answer[], pools: readonly Subject[]): Facts['poolStates'] {
  const settings = answers.map((answer) => ({ of: scopeOf(requiredText(answer, 'Identity')), answer }))
  return {
    pools: pools.map((fqdn) => {
      const own = settings.find(({ of }) => sameSubject(of, fqdn)) ?? settings.find(({ of }) => of === global)
      if (own === undefined) throw unreadable('it holds no global settings')
      return { fqdn, state: requiredText(own.answer, 'PoolState') }
    }),
  }
}

const global = ''

/** `Service:Registrar:pool01.contoso.com` -> the pool; `Global` -> the empty text; any other scope as it is. */
function scopeOf(identity: string): string {
  if (/^global$/i.test(identity)) return global
  return /^(?:service:)?Registrar:(\S+)$/i.exec(identity)?.[1] ?? identity
}
