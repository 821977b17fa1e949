/** The whole way over a real share: SQL Server writes on the server's side, the daemon reaches everything through SMB. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { smallDeployment } from '../support/desired-files.ts'
import { sha256sumCheck, startLab } from '../support/lab.ts'
import { sambaNeeds, startSamba } from '../support/samba.ts'
import type { SetsJson } from '../support/shapes.ts'

const deployment = `${smallDeployment.replace('userStore: se01-rtc,', 'userStore: se01-rtc, monitoring: sql05,')}---
apiVersion: holdfast/v1
kind: SqlStore
metadata: { name: sql05 }
spec: { host: sql05.contoso.com }
`

type Made = { set: SetsJson['sets'][number] }

const needs = sambaNeeds()
if (needs === null) test('a backup over SMB is complete, verified and pointed to', { timeout: 300_000 }, overShare)
else test.skip(`a backup over SMB (${needs})`, () => {})

async function overShare(): Promise<void> {
  const tree = await mkdtemp(join(tmpdir(), 'holdfast-tree-'))
  await writeFile(join(tree, 'contoso.yaml'), deployment)
  await using lab = await startLab(tree)
  await rm(tree, { recursive: true })
  await using samba = await startSamba()
  await samba.start({ path: lab.share, 'force user': 'root' })
  const config = await readFile(lab.config, 'utf8')
  expect(config).toContain(lab.share)
  await writeFile(lab.config, config.replace(lab.share, samba.mount))

  const made = await lab.json<Made>('backup', 'nightly', '--wait')

  expect(made).toMatchObject({ code: 0, json: { set: { state: 'complete' } } })
  const { id, path } = made.json.set
  expect(path.startsWith(samba.mount)).toBe(true)
  const kinds = new Set(made.json.set.items.map(({ kind }) => kind))
  for (const kind of ['sql-database', 'user-data', 'file-store']) expect(kinds).toContain(kind)
  const onServer = path.replace(samba.mount, lab.share)
  for (const manifest of ['manifest-sha256.txt', 'tagmanifest-sha256.txt'])
    expect(await sha256sumCheck(onServer, manifest)).toEqual({ code: 0, out: '', err: '' })

  expect(await lab.holdfast('verify', id, '--level', 'content')).toMatchObject({ code: 0 })
  expect(await lab.holdfast('run', '--once')).toMatchObject({ code: 0 })
  expect(await readFile(`${lab.share}/current/nightly.txt`, 'utf8')).toContain('\\nightly\\')
}
