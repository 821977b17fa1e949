import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { lacking } from '../../support/programs.ts'
import { certificate, factsOf, password, start } from './support.ts'

const run = promisify(execFile)
const noTsql = lacking('tsql')
const noBsqldb = lacking('bsqldb')

// An independent client: what it reads was not written for our own driver.
test.skipIf(noTsql).each(['7.2', '7.3', '7.4'])(
  `FreeTDS with TDS %s logs in, reads and backs up${noTsql ? ` (${noTsql})` : ''}`,
  async (version) => {
    // With a certificate at hand FreeTDS encrypts the login, and only that.
    const more = version === '7.4' ? { certificate: await certificate() } : {}
    const { port, folder, facts } = await start(factsOf(), more)
    const script = join(folder, 'input.sql')
    await writeFile(
      script,
      "select name, state_desc from sys.databases where database_id > 4\ngo\nBACKUP DATABASE LcsCDR TO DISK = '\\\\b\\s\\x.bak' WITH INIT, STATS = 50\ngo\nselect nope from sys.databases\ngo\n",
    )
    const command = `tsql -H 127.0.0.1 -p ${port} -U backup -P "$PASSWORD" < "${script}" 2>&1`
    const { stdout } = await run('sh', ['-c', command], {
      env: { ...process.env, TDSVER: version, PASSWORD: password },
    })
    expect(stdout).toMatch(/LcsCDR\s+ONLINE/)
    expect(stdout).toContain('50 percent processed.')
    expect(stdout).toMatch(/Msg 207 .*\n.*Invalid column name 'nope'/)
    expect(facts.backups).toHaveLength(1)
  },
)

test.skipIf(noBsqldb)(`bsqldb of FreeTDS reads sys.databases${noBsqldb ? ` (${noBsqldb})` : ''}`, async () => {
  const { port, folder } = await start(factsOf())
  const files = { config: join(folder, 'freetds.conf'), input: join(folder, 'in.sql'), output: join(folder, 'out.txt') }
  await writeFile(files.config, `[lab]\nhost = 127.0.0.1\nport = ${port}\ntds version = 7.3\n`)
  await writeFile(files.input, 'select name, create_date from sys.databases order by name\ngo\n')
  const command = 'bsqldb -S lab -U backup -P "$PASSWORD" -q -i "$INPUT" -o "$OUTPUT"'
  await run('sh', ['-c', command], {
    env: { ...process.env, FREETDSCONF: files.config, PASSWORD: password, INPUT: files.input, OUTPUT: files.output },
  })
  const names = (await readFile(files.output, 'utf8')).split('\n').map((line) => line.trim().split(/\s+/)[0])
  expect(names.filter((name) => name !== '')).toEqual(expect.arrayContaining(['LcsCDR', 'master', 'msdb']))
})
