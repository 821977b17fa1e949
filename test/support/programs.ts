/** Programs of the system that some tests and rows of the bench need; without them those are skipped, and their names say what installs them. */
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Program -> its Debian package. */
export const packageOf = {
  tsql: 'freetds-bin',
  bsqldb: 'freetds-bin',
  sshd: 'openssh-server',
  smbd: 'samba',
  rclone: 'rclone',
  fusermount3: 'fuse3',
  restic: 'restic',
  borg: 'borgbackup',
} as const

export type Program = keyof typeof packageOf

/** The path of the program; null: it is not installed. */
export function pathOf(program: string): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin']
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path)) ?? null
}

/** What to say of the programs that are not there; null: all are. `.ci/count.mjs` looks for the command. */
export function lacking(...programs: readonly Program[]): string | null {
  const missing = programs.filter((program) => pathOf(program) === null)
  return missing.length === 0 ? null : `needs ${missing.join(', ')}, which npm run setup:tests installs`
}
