/** `npm run setup:tests`: installs what some tests need: engines of NuGet, and programs as Debian packages. */
import { spawnSync } from 'node:child_process'
import { packageOf, pathOf } from '../support/programs.ts'
import { installEngines } from './engines.ts'

const isMissing = ([program]: readonly [string, string]): boolean => pathOf(program) === null
const missing = [
  ...new Set(
    Object.entries(packageOf)
      .filter(isMissing)
      .map(([, name]) => name),
  ),
]
const command = `apt-get install --yes --no-install-recommends ${missing.join(' ')}`

if (!installEngines()) process.exitCode = 1
if (missing.length === 0) process.stdout.write('All programs that the tests need are installed.\n')
else if (process.getuid?.() !== 0 || pathOf('apt-get') === null) {
  process.stderr.write(`Some tests are skipped until this was done, as root, on Debian or Ubuntu:\n  ${command}\n`)
  process.exitCode = 1
} else {
  process.stdout.write(`Installs ${missing.join(', ')}; Debian may start sshd and smbd as services.\n`)
  if (!run('apt-get update -qq') || !run(`${command} -qq`)) process.exitCode = 1
}

function run(line: string): boolean {
  const [program = '', ...argv] = line.split(' ')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return spawnSync(program, argv, { stdio: ['ignore', 'ignore', 'inherit'], env }).status === 0
}
