import type { Skew } from '../../domain/clock-skew.ts'
import type { Finding } from '../../domain/statement.ts'
import type { Digest } from '../digest.ts'
import type { Fresh } from '../standing.ts'
import { isUntold } from './untold.ts'
import type { FindingRule } from './rule.ts'

/** When a database was created is compared with when it was lost: one time is of its server, the other one ours. */
export const wrongClocks: FindingRule = {
  codes: ['clock-skew'],
  find,
  isDark: ({ subject }, digest) => isUntold('sqlInstance', subject, digest),
}

/** Most of several servers do not go wrong in one direction at a time: then ours did. */
function find({ observed, desired }: Digest): Fresh<Finding>[] {
  const told = [...observed.facts.sqlInstance.values()].flatMap((one) =>
    one.known ? [{ subject: one.subject, clock: one.value.clock }] : [],
  )
  const own = (['ahead', 'behind'] as const).find((skew) => {
    const those = told.filter(({ clock }) => clock === skew).length
    return those > 1 && those * 2 > told.length
  })
  if (own) return [ofThisMachine(own, desired.deployment.name)]
  return told.flatMap(({ subject, clock }) => (clock === undefined ? [] : [ofServer(subject, clock)]))
}

const desired = 'no more than 5 minutes between two clocks'
const remedy = 'Set the wrong one by the time service: w32tm /query /status, then w32tm /resync.'

function ofThisMachine(servers: Skew, subject: string): Fresh<Finding> {
  const observed = servers === 'ahead' ? 'behind most SQL Servers' : 'ahead of most SQL Servers'
  const message = `The clock of this machine is ${observed}. Nothing is restored into a database meanwhile.`
  return { code: 'clock-skew', severity: 'error', subject, desired, observed, message, remedy }
}

function ofServer(subject: string, clock: Skew): Fresh<Finding> {
  const observed = `${clock === 'ahead' ? 'ahead of' : 'behind'} this machine`
  const message = `Its clock is ${observed}. Nothing is restored into its databases meanwhile.`
  return { code: 'clock-skew', severity: 'warning', subject, desired, observed, message, remedy }
}
