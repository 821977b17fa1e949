import { execFile, spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { certificate, factsOf, password, start } from './support.ts'

const installed = spawnSync('tsql', ['-C']).status === 0

// An independent client: what it reads was not written for our own driver.
test.skipIf(!installed).each(['7.2', '7.3', '7.4'])(
  'FreeTDS with TDS %s logs in, reads and backs up (needs tsql)',
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
    const { stdout } = await promisify(execFile)('sh', ['-c', command], {
      env: { ...process.env, TDSVER: version, PASSWORD: password },
    })
    expect(stdout).toMatch(/LcsCDR\s+ONLINE/)
    expect(stdout).toContain('50 percent processed.')
    expect(stdout).toMatch(/Msg 207 .*\n.*Invalid column name 'nope'/)
    expect(facts.backups).toHaveLength(1)
  },
)
