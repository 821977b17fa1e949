import type { ProblemCode } from '../../../src/base/problem-codes.ts'
import { expect, it } from 'vitest'
import { silentInstances } from '../../../src/plan/findings/silent-instances.ts'
import { digestWith } from './world.ts'

const subject = 'sql05.contoso.com'

it.each<[ProblemCode, boolean, string, string]>([
  ['sql-unreachable', false, 'sql-instance-silent', 'Its machine answers, but SQL Server does not: '],
  ['sql-instance-unknown', true, 'sql-instance-silent', 'Its machine answers, but'],
  ['sql-login-failed', true, 'sql-instance-refuses', 'SQL Server answers, but refuses us'],
  ['sql-certificate-not-trusted', true, 'sql-instance-refuses', 'SQL Server answers, but'],
])('%s, answered %s: %s', (why, answered, code, message) => {
  const one = digestWith({
    silent: ['sqlInstance', subject, 'Words of a driver.', { code: why, answered }],
    classes: { [subject]: 'healthy' },
  })
  const found = silentInstances.find(one)
  expect(found).toMatchObject([{ code, subject, observed: `Words of a driver. [${why}]` }])
  expect(found[0]?.message).toContain(message)
})
