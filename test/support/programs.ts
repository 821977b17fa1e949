/** Programs and libraries of the system that some tests and rows of the bench need; without them those are skipped, and their names say what installs them. */
import { existsSync, globSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Program, or library that is loaded by its path -> its Debian package. */
export const packageOf = {
  tsql: 'freetds-bin',
  bsqldb: 'freetds-bin',
  sshd: 'openssh-server',
  smbd: 'samba',
  rclone: 'rclone',
  fusermount3: 'fuse3',
  strace: 'strace',
  restic: 'restic',
  borg: 'borgbackup',
  isql: 'unixodbc',
  'libtdsodbc.so': 'tdsodbc',
  krb5kdc: 'krb5-kdc',
  'kadmin.local': 'krb5-admin-server',
  kinit: 'krb5-user',
} as const

export type Program = keyof typeof packageOf

/** The path of the program or library; null: it is not installed. */
export function pathOf(program: string): string | null {
  const libraries = program.endsWith('.so') ? globSync('/usr/lib/*/odbc') : []
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin', ...libraries]
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path)) ?? null
}

/** What to say of the programs that are not there; null: all are. `.ci/count.mjs` looks for the end of it. */
export function lacking(...programs: readonly Program[]): string | null {
  const missing = programs.filter((program) => pathOf(program) === null)
  return missing.length === 0 ? null : `needs ${missing.join(', ')}, which npm run setup:tests installs`
}
