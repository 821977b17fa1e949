// Makes the bundle of the source as it is now; the first start runs this.
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleFolder, bundles, nameInBundle, source } from './bundle.js'

/** The client of SQL Server is loaded under hooks of its own; the other one is a library of the system. */
const external = ['mssql', 'msnodesqlv8']

const checkout = dirname(source)

/** Begins the name of a bundle that is being made. */
const halfMade = 'half-'

/** A file of ours, named by its place relative to the module. */
const fileUrl = /new URL\('(\.[^']+)', import\.meta\.url\)/g

/** Kept besides the newest: a daemon that still runs from one loads parts of it late. */
const olderKept = 2

/** Makes the bundle of the source where it is not there yet. */
export async function makeBundle() {
  const folder = bundleFolder()
  if (existsSync(folder)) return
  const half = await bundleOf([join(source, 'cli', 'main.ts'), join(source, 'lab', 'shell-host.ts')], [source])
  if (half === null) return
  const older = readdirSync(bundles)
    .map((name) => join(bundles, name))
    .filter((path) => !path.includes(halfMade))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)
  for (const path of older.slice(olderKept)) rmSync(path, { recursive: true, force: true })
  try {
    renameSync(half, folder)
  } catch (error) {
    rmSync(half, { recursive: true })
    if (!existsSync(folder)) throw error // else another start was faster
  }
}

/**
 * Bundles modules into a new folder beside the bundle, which is told; null where there is no bundler.
 * @param {string[]} modules absolute paths of what is started by its own
 * @param {string[]} folders where whatever they start by its own is looked for
 */
export async function bundleOf(modules, folders) {
  const bundler = await import('rolldown').catch(() => null)
  if (bundler === null) return null
  const started = new Set([...modules, ...folders.flatMap(startedIn)])
  const bundle = await bundler.rolldown({
    input: Object.fromEntries([...started].map((file) => [nameInBundle(file), file])),
    platform: 'node',
    external,
    plugins: [keepUrls(started)],
    checks: { ineffectiveDynamicImport: false },
  })
  // Who may read the source may read the bundle.
  const folder = join(bundles, `${halfMade}${process.pid}`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  await bundle.write({ dir: folder, entryFileNames: '[name]', chunkFileNames: '[hash].js' })
  return folder
}

/** What threads and processes begin with. */
function startedIn(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name))
    .flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(fileUrl)].map(([, target]) => resolve(dirname(file), target)),
    )
    .filter((target) => target.endsWith('.ts'))
}

/** A URL of a module goes on to name its place in the source, but for modules that are started by their own. */
function keepUrls(started) {
  const inSource = (file) => `'../../${relative(checkout, file).replaceAll(sep, '/')}'`
  const place = (file) => (started.has(file) ? `'./${nameInBundle(file)}'` : inSource(file))
  return {
    name: 'keep-urls',
    transform(code, id) {
      if (!id.startsWith(checkout) || id.includes('node_modules') || !code.includes('import.meta.')) return null
      if (/import\.meta\.(dirname|filename)/.test(code))
        throw new Error(`${id}: name files of ours by new URL('./…', import.meta.url).`)
      return code
        .replaceAll(fileUrl, (_, target) => `new URL(${place(resolve(dirname(id), target))}, import.meta.URL)`)
        .replaceAll('import.meta.url', `new URL(${inSource(id)}, import.meta.URL).href`)
        .replaceAll('import.meta.URL', 'import.meta.url')
    },
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await makeBundle()
