import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../../src/config/config.ts'
import type { ShellConfig } from '../../src/config/config-shell.ts'
import { startLab } from '../../src/lab/lab.ts'
import { smallDeployment } from '../support/desired-files.ts'
import { startSshd } from '../support/sshd.ts'

/** A machine with the Management Shell of a deployment that has one pool with users at least. */
export interface ManagementHost extends AsyncDisposable {
  settings: ShellConfig
  /** A pool whose user data may be exported; null: none is. */
  pool: string | null
}

/** The shell host of a lab, started here or behind a real sshd. */
export async function labManagementHost(transport: ShellConfig['transport']): Promise<ManagementHost> {
  const stack = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-contract-shell-'))
  stack.defer(() => rmSync(folder, { recursive: true, force: true }))
  const tree = join(folder, 'tree')
  mkdirSync(tree)
  writeFileSync(join(tree, 'contoso.yaml'), smallDeployment)
  const lab = stack.use(await startLab(join(folder, 'lab'), tree))
  const local = await settingsOf(lab.config)
  const settings = transport === 'local' ? local : stack.use(await startSshd()).settings(local.command, local.scratch)
  return { settings, pool: 'se01.contoso.com', [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

/** The one that `HOLDFAST_TEST_SHELL_...` names (docs/how-to/prove-your-estate.md); null without any. */
export function realManagementHost(environment: NodeJS.ProcessEnv): (() => Promise<ManagementHost>) | null {
  const config = environment['HOLDFAST_TEST_SHELL_CONFIG'] ?? ''
  const pool = environment['HOLDFAST_TEST_SHELL_POOL'] ?? ''
  if (config === '') return null
  return async () => ({
    settings: await settingsOf(config),
    pool: pool === '' ? null : pool,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  })
}

async function settingsOf(file: string): Promise<ShellConfig> {
  const { shell } = await readConfig(file)
  if (shell) return shell
  throw new Error(`${file} has no shell.`)
}
