import { join } from 'node:path'
import { newSqlServer } from '../../src/lab/sql/facts.ts'
import { startSqlServer } from '../../src/lab/sql/server.ts'
import type { Instance } from './instance.ts'

const host = 'sql01.contoso.com'

/** The lab's SQL Server with one database; its backups go to the folder. */
export async function startLabInstance(folder: string): Promise<Instance> {
  const facts = newSqlServer({ host, instance: 'rtc', version: '2016', edition: 'Standard' })
  facts.logins.push({ user: 'holdfast', password: 'contract', sysadmin: true })
  facts.databases.push({
    name: 'LcsCDR',
    guid: '6F9619FF-8B86-D011-B42D-00C04FC964FF',
    state: 'ONLINE',
    recoveryModel: 'SIMPLE',
    createdAt: '2026-01-02T03:04:05.000Z',
    sizeBytes: 512 * 1024,
    readOnly: false,
    singleUser: false,
    corruptPages: 0,
    tables: { Sessions: 3 },
    mirroring: null,
    availabilityGroup: null,
  })
  const server = await startSqlServer({
    facts: () => facts,
    changed: () => {},
    toLocal: (path) => join(folder, path.split('\\').at(-1) ?? ''),
    certificate: null,
    record: () => {},
  })
  return {
    target: {
      subject: `${host}\\rtc`,
      fqdn: host,
      server: '127.0.0.1',
      port: server.port,
      instance: 'rtc',
      login: {
        authentication: { kind: 'sql', user: 'holdfast', password: 'contract' },
        encrypt: false,
        ca: null,
        trustServerCertificate: false,
      },
      allowOldTls: false,
    },
    database: 'LcsCDR',
    backups: '\\\\backup01.contoso.com\\LyncBackup',
    restores: 'D:\\Restore',
    [Symbol.asyncDispose]: () => server.close(),
  }
}
