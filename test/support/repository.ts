import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A real Git repository with a work tree, for tests. */
export interface Repository {
  folder: string
  git(...args: string[]): string
  /** Writes (null: removes) files and commits them; answers the full hash. */
  commit(files: Readonly<Record<string, string | null>>): string
}

export function makeRepository(folder: string, branch = 'main'): Repository {
  mkdirSync(folder, { recursive: true })
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  git('init', '--quiet', '--initial-branch', branch)
  git('config', 'user.name', 'Contoso Test')
  git('config', 'user.email', 'test@contoso.com')
  return {
    folder,
    git,
    commit(files) {
      for (const [path, text] of Object.entries(files)) {
        const file = join(folder, path)
        mkdirSync(dirname(file), { recursive: true })
        if (text === null) rmSync(file)
        else writeFileSync(file, text)
      }
      git('add', '--all')
      git('commit', '--quiet', '--allow-empty', '--message', 'Change the desired state')
      return git('rev-parse', 'HEAD')
    },
  }
}
