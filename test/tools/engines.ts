/** The part of `npm run setup:tests` that installs the engines of NuGet, where a .NET SDK is. Silent when all are there. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  cacheFolder,
  hasSdk,
  installed,
  neededSdk,
  parser,
  parserSource,
  powershell,
  type Engine,
} from '../support/engines.ts'

const commands: readonly (readonly [Engine, (folder: string) => string[]])[] = [
  [powershell, (folder) => ['tool', 'install', 'PowerShell', '--version', powershell.version, '--tool-path', folder]],
  [parser, (folder) => ['publish', parserSource, '--output', folder, '--verbosity', 'quiet']],
]

/** False: one of them could be installed here, and was not; it has said why. */
export function installEngines(): boolean {
  const missing = commands.filter(([engine]) => installed(engine) === null)
  if (missing.length === 0) return true
  const names = missing.map(([{ name, version }]) => `${name} ${version}`).join(', ')
  if (!hasSdk()) {
    process.stdout.write(`Without a .NET SDK ${neededSdk} in PATH, tests that need ${names} are skipped.\n`)
    return true
  }
  const cache = cacheFolder()
  process.stdout.write(`Installs ${names} in ${cache}.\n`)
  try {
    mkdirSync(cache, { recursive: true })
    return missing.map(([engine, command]) => install(cache, engine, command)).every((done) => done)
  } catch (thrown) {
    process.stderr.write(
      `They cannot be written there: ${String(thrown)}\nSet XDG_CACHE_HOME to a folder of this account.\n`,
    )
    return false
  }
}

/** In a folder of its own, so that half an engine is never taken for one; what the SDK keeps for itself goes with that. */
function install(cache: string, { name, folder }: Engine, command: (folder: string) => string[]): boolean {
  const work = mkdtempSync(join(cache, 'setup-'))
  const made = join(work, 'engine')
  try {
    const ended = spawnSync('dotnet', command(made), {
      encoding: 'utf8',
      env: {
        ...process.env,
        ...{ DOTNET_CLI_HOME: work, XDG_DATA_HOME: work },
        ...{ DOTNET_CLI_TELEMETRY_OPTOUT: '1', DOTNET_NOLOGO: '1', DOTNET_GENERATE_ASPNET_CERTIFICATE: 'false' },
      },
    })
    if (ended.status !== 0) {
      process.stderr.write(`dotnet could not install ${name}:\n${ended.stdout}${ended.stderr}\n`)
      return false
    }
    const target = join(cache, folder)
    if (!existsSync(target)) renameSync(made, target) // another set-up may have been faster
    return true
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}
