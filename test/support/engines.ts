/** Engines from NuGet that judge what Holdfast sends; without them tests are skipped, and their names say what installs them. */
import { spawnSync } from 'node:child_process'
import { hash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

declare module 'vitest' {
  interface TaskMeta {
    /** Name and version of what this test ran on; the end of a run lists them. */
    engine?: string
  }
}

export interface Engine {
  name: string
  version: string
  /** Name of its folder in the cache: another version, or another program of ours, has another. */
  folder: string
  /** The file that is started, in that folder. */
  program: string
}

/** Our program around the vendor's parser of T-SQL; it names the version of the parser. */
export const parserSource = join(import.meta.dirname, '..', 'drivers', 'sql', 'grammar', 'tsql.cs')

export const powershell: Engine = {
  name: 'PowerShell',
  version: '7.6.9',
  folder: 'powershell-7.6.9',
  program: process.platform === 'win32' ? 'pwsh.exe' : 'pwsh',
}
export const parser: Engine = parserEngine()

function parserEngine(): Engine {
  const source = readFileSync(parserSource, 'utf8')
  const version = /ScriptDom@(\S+)/.exec(source)?.[1] ?? ''
  const folder = `scriptdom-${version}-${hash('sha256', source, 'hex').slice(0, 8)}`
  return { name: 'ScriptDom', version, folder, program: 'tsql.dll' }
}

/** Outside of `node_modules`, which `npm ci` empties. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const given = environment['XDG_CACHE_HOME'] ?? ''
  return join(isAbsolute(given) ? given : join(homedir(), '.cache'), 'holdfast')
}

/** The installed program; null: there is none. */
export function installed({ folder, program }: Engine): string | null {
  const path = join(cacheFolder(), folder, program)
  return existsSync(path) ? path : null
}

/** What `npm run setup:tests` installs with: the SDK for which the engines are made, or a newer one. */
export const neededSdk = 10

export function hasSdk(): boolean {
  const { stdout } = spawnSync('dotnet', ['--list-sdks'], { encoding: 'utf8', timeout: 30_000 }) as { stdout?: string }
  return (stdout ?? '').split('\n').some((line) => Number.parseInt(line) >= neededSdk)
}

/** What to say where it is not installed. `.ci/count.mjs` fails where it could be. */
export function lackingEngine({ name }: Engine): string {
  return hasSdk()
    ? `needs ${name}, which npm run setup:tests installs`
    : `needs ${name}; with a .NET SDK ${neededSdk} in PATH, npm run setup:tests can install it`
}
