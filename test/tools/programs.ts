/** Before `npm test`: installs the Debian packages of programs that some tests need; without them these are skipped by name. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Program -> its package. */
const packages = {
  tsql: 'freetds-bin',
  sshd: 'openssh-server',
  smbd: 'samba',
  rclone: 'rclone',
  fusermount3: 'fuse3',
}

const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin']
const installed = (program: string): boolean => folders.some((folder) => existsSync(join(folder, program)))
const missing = Object.entries(packages).flatMap(([program, name]) => (installed(program) ? [] : [name]))

if (missing.length > 0 && process.getuid?.() === 0 && installed('apt-get')) {
  const options = ['--yes', '-qq', '--no-install-recommends']
  const run = (...argv: string[]): unknown =>
    execFileSync('apt-get', argv, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
  try {
    run('update', '-qq')
    run('install', ...options, ...missing)
  } catch {
    process.stderr.write(`Not installed: ${missing.join(', ')}; the tests that need them are skipped.\n`)
  }
}
