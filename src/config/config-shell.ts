import { resolvePath } from './git-url.ts'
import type { ShellFields } from './schema-shell.ts'
import type { References } from './secrets.ts'

/** The machine with the Management Shell. */
export type ShellConfig = LocalShell | SshShell

interface AnyShell {
  /** Program and arguments that speak docs/shell-protocol.md. */
  command: readonly string[]
  /** Folder for exports on the machine where the command runs. */
  scratch: string
  /** What one call may take, from its start to its end. */
  deadlineSeconds: number
}

export interface LocalShell extends AnyShell {
  transport: 'local'
}

export interface SshShell extends AnyShell {
  transport: 'ssh'
  host: string
  port: number
  user: string
  login: { kind: 'password'; password: string } | { kind: 'kerberos' } | { kind: 'key'; identityFile: string }
  /** Absolute path; null: where the client looks by itself. */
  knownHosts: string | null
}

/** `shell` of the file; `folder` is that of the file. */
export async function readShell(fields: ShellFields, folder: string, references: References): Promise<ShellConfig> {
  const { command, scratch, deadline: deadlineSeconds, host = '', port = 22, user = '', knownHosts } = fields
  if (fields.transport === 'local')
    return { transport: 'local', command, scratch: resolvePath(folder, scratch), deadlineSeconds }
  return {
    ...{ transport: 'ssh', command, scratch, deadlineSeconds, host, port, user },
    login: await readLogin(fields, folder, references),
    knownHosts: knownHosts === undefined ? null : resolvePath(folder, knownHosts),
  }
}

async function readLogin(fields: ShellFields, folder: string, references: References): Promise<SshShell['login']> {
  const { password, identityFile } = fields
  if (password) return { kind: 'password', password: await references.secret(password, ['shell', 'password']) }
  if (identityFile !== undefined) return { kind: 'key', identityFile: resolvePath(folder, identityFile) }
  return { kind: 'kerberos' }
}
