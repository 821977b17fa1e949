// The bundle: the source with its 900 modules in a few files, which starts in a third of the time (ADR 0037).
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

export const source = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '')
export const bundles = fileURLToPath(new URL('../../dist', import.meta.url))

/**
 * The folder of the bundle of the source as it is now; it is there or not. It is named by sizes and times of all files
 * of the source, so that a bundle of other source is never found.
 * @returns {string}
 */
export function bundleFolder() {
  const names = ['../package-lock.json', '../package.json', ...readdirSync(source, { recursive: true }).sort()]
  const notes = names.map((name) => {
    const stat = statSync(`${source}/${String(name)}`, { throwIfNoEntry: false })
    return stat?.isFile() ? `${String(name)} ${stat.size} ${stat.mtimeMs}\n` : ''
  })
  return join(bundles, createHash('sha256').update(notes.join('')).digest('hex').slice(0, 16))
}

/**
 * The file in the bundle of a module that is started by its own: `drivers-files-worker.js`.
 * @param {string} module its absolute path
 */
export function nameInBundle(module) {
  return `${relative(source, module).replace(/\.ts$/, '').replaceAll(/\W+/g, '-')}.js`
}

/**
 * URL of a module that is started by its own: in the bundle, which is made where it can be; else in the source.
 * @param {string} module its path below `src/`
 */
export function entry(module) {
  const bundled = join(bundleFolder(), nameInBundle(join(source, module)))
  if (!existsSync(bundled) && canBeMade()) spawnSync(process.execPath, [maker], { stdio: 'ignore', timeout: 60_000 })
  return pathToFileURL(existsSync(bundled) ? bundled : join(source, module)).href
}

const maker = fileURLToPath(new URL('./make-bundle.js', import.meta.url))

/** The bundler is installed, and this account may write beside the source. */
function canBeMade() {
  try {
    accessSync(new URL('../../node_modules/rolldown', import.meta.url))
    accessSync(existsSync(bundles) ? bundles : join(source, '..'), constants.W_OK)
    return true
  } catch {
    return false
  }
}
