/** A Standard Edition server is lost; administrators rebuild it with their own hands and bring the set back: all is as it was. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startLab, type TestLab } from '../support/lab.ts'
import type { SetsJson } from '../support/shapes.ts'

const fqdn = 'se01.contoso.com'
const share = '\\\\se01.contoso.com\\LyncShare'

let lab: TestLab

beforeAll(async () => {
  lab = await startLab()
  const { code, out, err } = await lab.holdfast('run', '--once')
  if (code !== 0) throw new Error(out + err)
}, 240_000)
afterAll(() => lab[Symbol.asyncDispose]())

test('what the set holds of a server is what the server held', async () => {
  const [before, files] = [await lab.content(fqdn), (await lab.content(share)).files]
  const { json } = await lab.json<SetsJson>('sets', '--policy', 'nightly')
  const [set] = json.sets
  /** As SQL Server and the cmdlets reach it. */
  const copyOf = (kind: string, subject: string): string => {
    const path = set?.items.find((item) => item.kind === kind && item.subject === subject)?.path
    if (!set || path === undefined) throw new Error(`no copy of ${kind} ${subject}`)
    return `${set.unc}\\${path.replaceAll('/', '\\')}`
  }

  await lab.break('server', fqdn)
  expect(await lab.content(fqdn)).toEqual({ users: null, 'conference-directories': null, 'response-groups': null })
  for (const act of ['install-windows', 'join-domain', 'restore-certificates']) await lab.do(act, fqdn)
  await lab.do('share-folder', share)
  await lab.do('copy-file-store', share, copyOf('file-store', share))
  await lab.do('enable-topology', 'contoso')
  for (const act of ['install-local-configuration-store', 'setup-components', 'assign-certificates', 'apply-updates'])
    await lab.do(act, fqdn)
  await lab.do('import-user-data', fqdn, copyOf('user-data', fqdn))
  await lab.do('start-services', fqdn)
  await lab.do('import-response-groups', fqdn, copyOf('response-groups', fqdn))

  expect(await lab.content(fqdn)).toEqual(before)
  // Files of a meeting that runs, and the spool of the replication, are no content (domain reference, section 3.2).
  const wanted = Object.entries(files ?? {}).filter(([path]) => !/Meeting\.Active$|CMSFileStore/.test(path))
  const copied = Object.entries((await lab.content(share)).files ?? {})
  // Robocopy keeps the escaped names of the set (docs/backup-set-format.md, "Escaped names"); a person renames them.
  const renamed = copied.map(([path, hashes]) => [path.replaceAll('=25', '%').replaceAll('=3D', '='), hashes])
  expect(Object.fromEntries(renamed)).toEqual(Object.fromEntries(wanted))
}, 240_000)
