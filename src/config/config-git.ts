import { posix } from 'node:path'
import { resolveGitUrl, resolvePath } from './git-url.ts'
import type { GitFields } from './schema-git.ts'
import type { References } from './secrets.ts'

/** Where the desired state is, and how Git gets there. */
export interface GitConfig {
  /** Never holds a password or token. */
  url: string
  branch: string
  /** Folder of the repository, with `/`; `.` is its root. */
  path: string
  intervalSeconds: number
  /** Over https; null: nobody logs in. */
  login: { username: string; password: string } | null
  /** Absolute path of a PEM file; null: the authorities that Git trusts by itself. */
  ca: string | null
  /** Absolute paths; null: as the OpenSSH client of this account is set up. */
  ssh: { key: string; knownHosts: string | null } | null
}

/** `git` of the file; `folder` is where the file is. */
export async function readGit(fields: GitFields, folder: string, references: References): Promise<GitConfig> {
  const { url, branch, path, interval, username, password, ca, ssh } = fields
  return {
    url: resolveGitUrl(url, folder),
    branch,
    path: posix.normalize(path).replace(/\/$/, '') || '.',
    intervalSeconds: interval,
    login:
      username !== undefined && password
        ? { username, password: await references.secret(password, ['git', 'password']) }
        : null,
    ca: ca === undefined ? null : resolvePath(folder, ca),
    ssh: ssh
      ? {
          key: resolvePath(folder, ssh.key),
          knownHosts: ssh.knownHosts === undefined ? null : resolvePath(folder, ssh.knownHosts),
        }
      : null,
  }
}
