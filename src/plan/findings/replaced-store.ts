import type { Snapshot } from '../../domain/plan.ts'
import type { FindingRule } from './rule.ts'

const code = 'state-store-replaced'

/** The state store was lost and begun anew, and nobody said that it is known. */
export const replacedStore: FindingRule = {
  codes: [code],
  find({ memory: { replaced }, desired }) {
    if (replaced.length === 0) return []
    const { name } = desired.deployment
    const damaged = replaced.map(({ path, at, reason }) => `${path} (set aside at ${at}: ${reason})`).join(', ')
    return [
      {
        code,
        severity: 'warning',
        subject: name,
        desired: 'the state store that was written before',
        observed: `a new one, in place of ${damaged}`,
        message: `The state store was damaged; it is kept as ${damaged}, and a new one was begun. Lost with it: the journal until then, the proofs of verified sets, open requests, and which sets had vanished. The sets were found again on the shares; they count as unverified, and nothing expires until they are verified.`,
        remedy: `Keep the old file for its journal, and look at the disk. Then commit a Suspension with subjects: [${name}] and findings: [${code}].`,
      },
    ]
  },
}

/** Whether a Suspension leaves the finding out: nobody has to be told of it again. */
export function isReplacedAcknowledged({ plan, memory }: Pick<Snapshot, 'plan' | 'memory'>): boolean {
  return memory.replaced.length > 0 && plan.ignored.some(({ finding }) => finding.code === code)
}
