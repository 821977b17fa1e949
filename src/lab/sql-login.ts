import type { Desired } from '../desired/load.ts'
import type { PlannedSql } from './plan-sql.ts'
import type { SqlLogin } from './sql/facts.ts'
import { same } from './world.ts'

/**
 * The account of the daemon on every instance, with what an administrator grants for looking and backing up, and no more
 * (domain reference, section 6.14). Its user is in `model` too, so a database that is made again has it.
 */
export function daemonLogin(user: string, password: string): SqlLogin {
  return {
    user,
    password,
    sysadmin: false,
    granted: ['CONNECT SQL', 'VIEW ANY DATABASE', 'VIEW SERVER STATE', 'CREATE ANY DATABASE'],
    mayRead: ['msdb.dbo.backupset', 'msdb.dbo.log_shipping_primary_databases'],
    backupOperatorIn: 'every',
  }
}

/** On an instance for restore tests its administrators made the account one of them. */
export function loginAt({ host, instance }: PlannedSql, login: SqlLogin, { policies }: Desired): SqlLogin {
  const isForTests = policies.some(({ verification: { restoreTest } }) => {
    const store = restoreTest?.databases?.sqlStore
    return store !== undefined && same(store.host, host) && same(store.instance, instance)
  })
  return { ...login, sysadmin: isForTests || login.sysadmin }
}
