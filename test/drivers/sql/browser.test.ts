import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { askBrowser, parseAnswer } from '../../../src/drivers/sql/browser.ts'
import { openSqlServer } from '../../../src/drivers/sql/connected-server.ts'
import { systemClock } from '../../../src/base/clock.ts'
import { newSqlServer } from '../../../src/lab/sql/facts.ts'
import { startSqlServer } from '../../../src/lab/sql/server.ts'

const subject = 'sql01.contoso.com\\rtc'
const target = { subject, server: '127.0.0.1', instance: 'rtc' }
const signal = new AbortController().signal

let socket: Socket | null = null
let asked: Buffer[] = []
afterEach(async () => {
  if (!socket) return
  socket.close()
  await once(socket, 'close')
  socket = null
})

/** An answer as section 2.2.5 of [MC-SQLR] shows it. */
function answerOf(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1')
  return Buffer.concat([Buffer.from([0x05, bytes.length & 0xff, bytes.length >> 8]), bytes])
}

const named = (instance: string, rest: string): string =>
  `ServerName;SQL01;InstanceName;${instance};IsClustered;No;Version;11.0.6020.0;${rest};;`

/** SQL Server Browser, as small as can be. `losing`: how many questions get lost on the way. */
async function browser(text: string, losing = 0): Promise<void> {
  asked = []
  const opened = createSocket('udp4')
  socket = opened
  opened.on('message', (question, peer) => {
    asked.push(question)
    if (asked.length > losing) opened.send(answerOf(text), peer.port, peer.address)
  })
  opened.bind(1434, '127.0.0.1')
  await once(opened, 'listening')
}

test('the port of an instance is asked for, and the instance reached there', async () => {
  const facts = newSqlServer({ host: 'sql01.contoso.com', instance: 'rtc', version: '2012', edition: 'Standard' })
  facts.logins.push({ user: 'holdfast', password: 'x', sysadmin: true })
  const none = { changed: () => {}, toLocal: (path: string) => path, certificate: null, record: () => {} }
  const server = await startSqlServer({ facts: () => facts, ...none })
  await browser(named('LYNCLOCAL', 'tcp;1') + named('RTC', `np;\\\\SQL01\\pipe\\sql\\query;tcp;${server.port}`))
  const login = {
    authentication: { kind: 'sql' as const, user: 'holdfast', password: 'x' },
    encrypt: false,
    ca: null,
    trustServerCertificate: false,
    odbcDriver: 'ODBC Driver 18 for SQL Server',
  }
  const where = { ...target, fqdn: 'sql01.contoso.com', port: null, login, allowOldTls: false }
  await using driver = openSqlServer(where, systemClock)
  expect(await driver.facts(signal)).toMatchObject({ machine: 'SQL01' })
  expect(asked).toEqual([Buffer.from([0x03])])
  await server.close()
})

test('a question that gets lost is asked again', async () => {
  await browser(named('RTC', 'tcp;49172'), 1)
  expect(await askBrowser(target)).toBe(49_172)
})

test('nobody listens: SQL Server Browser is silent', async () => {
  await expect(askBrowser(target)).rejects.toMatchObject({ code: 'sql-browser-silent', subject })
})

test('an instance that it does not name is unknown, and those that it does are told', async () => {
  await browser(named('ARCHIVE', 'tcp;49172'))
  const refusal = { code: 'sql-instance-unknown', message: expect.stringContaining('ARCHIVE') as string }
  await expect(askBrowser(target)).rejects.toMatchObject(refusal)
})

test('an instance without TCP/IP', async () => {
  await browser(named('RTC', 'np;\\\\SQL01\\pipe\\sql\\query'))
  await expect(askBrowser(target)).rejects.toMatchObject({ code: 'sql-refused' })
})

test('what is no answer names nothing', () => {
  expect([Buffer.alloc(0), Buffer.from([5]), Buffer.from('nonsense'), answerOf('')].map(parseAnswer)).toEqual([
    [],
    [],
    [],
    [],
  ])
})
