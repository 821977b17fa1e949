import { join } from 'node:path'
import { startSqlServer, type SqlServerOptions } from '../../src/lab/sql/server.ts'
import { labDatabase, labInstance, labTarget } from '../support/lab-sql.ts'
import type { Instance } from './instance.ts'

/** The lab's SQL Server with one database; its backups go to the folder. `more`: what else it is. */
export async function startLabInstance(folder: string, more: Partial<SqlServerOptions> = {}): Promise<Instance> {
  const facts = more.facts?.() ?? labInstance('sql01.contoso.com', [labDatabase('LcsCDR')])
  const server = await startSqlServer({
    facts: () => facts,
    changed: () => {},
    toLocal: (path) => join(folder, path.split('\\').at(-1) ?? ''),
    certificate: null,
    record: () => {},
    ...more,
  })
  return {
    target: labTarget(facts, server.port),
    database: 'LcsCDR',
    backups: '\\\\backup01.contoso.com\\LyncBackup',
    restores: 'D:\\Restore',
    [Symbol.asyncDispose]: () => server.close(),
  }
}
