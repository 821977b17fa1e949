/** The Contoso lab with a real PowerShell in the place of its shell host, and stand-ins for the cmdlets. */
import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { engine } from '../shell/engine.ts'
import { managementHost, type ManagementHost } from '../shell/management-host.ts'
import { lackingEngine, powershell } from '../support/engines.ts'
import { sha256sumCheck, startLab, type TestLab } from '../support/lab.ts'
import type { SetsJson } from '../support/shapes.ts'

/** By hand from the data inventory of the domain reference (section 3). */
const items = [
  ...['configuration', 'location-information', 'environment'].map((kind) => `${kind} contoso`),
  'directory-record contoso',
  ...['pool01', 'pool02', 'se01'].flatMap((pool) => [
    `user-data ${pool}.contoso.com`,
    `response-groups ${pool}.contoso.com`,
  ]),
  ...['pool01', 'se01'].map((pool) => `call-park ${pool}.contoso.com`),
  ...['sql03.contoso.com\\archive/LcsLog', 'sql04.contoso.com\\chat/mgc', 'sql05.contoso.com/LcsCDR'].map(
    (database) => `sql-database ${database}`,
  ),
  'sql-database sql05.contoso.com/QoEMetrics',
  ...['contoso.com\\Lync', 'fs01.contoso.com\\LyncShare', 'se01.contoso.com\\LyncShare'].map(
    (share) => `file-store \\\\${share}`,
  ),
]

describe.skipIf(engine === null)(
  `a whole set by a real PowerShell${engine === null ? `: ${lackingEngine(powershell)}` : ''}`,
  { timeout: 180_000 },
  () => {
    let host: ManagementHost
    let lab: TestLab
    beforeAll(async () => {
      lab = await startLab()
      host = await managementHost(engine ?? '')
      const config = parse(await readFile(lab.config, 'utf8')) as { shell: object }
      const shell = { ...config.shell, command: host.command, scratch: host.scratch }
      await writeFile(lab.config, stringify({ ...config, shell }))
    }, 180_000)
    afterAll(async () => {
      await lab[Symbol.asyncDispose]()
      await host[Symbol.asyncDispose]()
    })

    test('each item is there, also where a program that a cmdlet starts prints', async () => {
      await host.behave('prints')
      await lab.holdfast('run', '--once')
      const { json } = await lab.json<SetsJson>('sets')
      const set = json.sets.find(({ policy }) => policy === 'nightly')
      expect(set?.state).toBe('complete')
      expect(set?.items.map(({ kind, subject, outcome }) => `${kind} ${subject} ${outcome}`).sort()).toEqual(
        items.map((item) => `${item} ok`).sort(),
      )
      expect(await sha256sumCheck(set?.path ?? '', 'manifest-sha256.txt')).toMatchObject({ code: 0 })
      const callPark = set?.items.find(({ kind }) => kind === 'call-park')?.path ?? ''
      expect(await readFile(join(set?.path ?? '', callPark), 'utf8')).toContain(
        '"CallPickupTimeoutThreshold": "00:01:30"',
      )
      expect(await readdir(host.scratch)).toEqual([])
    })
  },
)
