import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import type * as Bundle from '../../src/base/bundle.js'
import { bundleFolder, bundles, entry } from '../../src/base/bundle.js'

const here = join(import.meta.dirname, '../..')

/** A checkout with one module, and the bundle of it; without a bundler. */
async function checkout(): Promise<{ folder: string; module: string; bundled: string; tree: typeof Bundle }> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bundle-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'src/base'), { recursive: true })
  for (const name of ['bundle.js', 'make-bundle.js'])
    copyFileSync(join(here, 'src/base', name), join(folder, 'src/base', name))
  for (const name of ['package.json', 'package-lock.json']) writeFileSync(join(folder, name), '{"type":"module"}')
  const module = join(folder, 'src/base/one.ts')
  writeFileSync(module, 'export const one = 1\n')
  const tree = (await import(pathToFileURL(join(folder, 'src/base/bundle.js')).href)) as typeof Bundle
  mkdirSync(tree.bundleFolder(), { recursive: true })
  const bundled = join(tree.bundleFolder(), tree.nameInBundle(module))
  writeFileSync(bundled, 'export const one = 1\n')
  return { folder, module, bundled, tree }
}

test('the tests start what users start: the bundle of the source as it is', () => {
  for (const module of ['cli/main.ts', 'lab/shell-host.ts', 'drivers/files/worker.ts', 'desired/load-thread.ts'])
    expect(entry(module)).toMatch(pathToFileURL(bundles).href)
})

test('every account that may read the source may read the bundle', () => {
  expect(statSync(bundleFolder()).mode).toBe(statSync(join(here, 'src')).mode)
})

test('what was not changed starts from the bundle', async () => {
  const { bundled, tree } = await checkout()
  expect(tree.entry('base/one.ts')).toBe(pathToFileURL(bundled).href)
})

test.each<[string, (tree: { folder: string; module: string }) => void]>([
  ['a file was edited', ({ module }) => writeFileSync(module, 'export const one = 1 // edited\n')],
  ['a file was edited and is as long as before', ({ module }) => utimesSync(module, 1, 1)],
  ['a file is new', ({ folder }) => writeFileSync(join(folder, 'src/two.ts'), '')],
  ['a file has another name', ({ folder }) => writeFileSync(join(folder, 'src/base/One.ts'), '')],
  ['a file is gone', ({ folder }) => rmSync(join(folder, 'src/base/make-bundle.js'))],
  ['other packages were installed', ({ folder }) => writeFileSync(join(folder, 'package-lock.json'), '{}')],
])('%s: the source runs', async (_, change) => {
  const made = await checkout()
  change(made)
  expect(made.tree.entry('base/one.ts')).toBe(pathToFileURL(made.module).href)
})

test('a module finds its own files from the bundle too', () => {
  const folder = bundleFolder()
  const named = readdirSync(folder)
    .flatMap((name) => [
      ...readFileSync(join(folder, name), 'utf8').matchAll(/new URL\("(\.[^"]+)", import\.meta\.url\)/g),
    ])
    .map(([, path = '']) => resolve(folder, path))
  expect(named.map((path) => relative(here, path))).toEqual(
    expect.arrayContaining(['src/cli/holdfast.js', 'src/drivers/askpass.sh', 'desired-state']),
  )
  expect(named.filter((path) => !existsSync(path))).toEqual([])
})
