/** Also where a test runs the source, its threads begin from the bundle, as they do for users: each start takes half the time. */
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Plugin } from 'vitest/config'
import { bundleFolder, nameInBundle, source } from '../../src/base/bundle.js'

const started = /new Worker\((new URL\('(\.[^']+\.ts)', import\.meta\.url\))/g

/** What it writes is kept from one run to the next, so it names no bundle: which one it is, a test asks when it runs. */
export function threadsOfBundle(): Plugin {
  return {
    name: 'threads-of-bundle',
    enforce: 'pre',
    transform(code, id) {
      if (!id.startsWith(source) || !code.includes('new Worker(')) return null
      return code.replaceAll(started, (_, url: string, module: string) => {
        const name = nameInBundle(resolve(dirname(id), module))
        return `new Worker(globalThis.threadOfBundle?.('${name}') ?? ${url}`
      })
    },
  }
}

let folder: string | null = null

/** Null where no bundle could be made. */
export function threadOfBundle(name: string): URL | null {
  const file = join((folder ??= bundleFolder()), name)
  return existsSync(file) ? pathToFileURL(file) : null
}
