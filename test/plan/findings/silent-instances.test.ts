import { expect, it } from 'vitest'
import { silentInstances } from '../../../src/plan/findings/silent-instances.ts'
import { digestOf } from './world.ts'

const subject = 'sql05.contoso.com'

it.each([
  [
    'No connection could be made [sql-unreachable]',
    'sql-instance-silent',
    'Its machine answers, but SQL Server does not: ',
  ],
  ['SQL Browser knows no such instance [sql-instance-unknown]', 'sql-instance-silent', 'Its machine answers, but'],
  ["Login failed for user 'holdfast' [sql-login-failed]", 'sql-instance-refuses', 'SQL Server answers, but refuses us'],
  ['The certificate is not trusted [sql-certificate-not-trusted]', 'sql-instance-refuses', 'SQL Server answers, but'],
])('%s: %s', (error, code, message) => {
  const one = digestOf({ silent: ['sqlInstance', subject, error], classes: { [subject]: 'healthy' } })
  const found = silentInstances.find(one)
  expect(found).toMatchObject([{ code, subject, observed: error }])
  expect(found[0]?.message).toContain(message)
})
