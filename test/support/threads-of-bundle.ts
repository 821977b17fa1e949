import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Plugin } from 'vitest/config'
import { bundleFolder, nameInBundle, source } from '../../src/base/bundle.js'

const started = /new Worker\(new URL\('(\.[^']+\.ts)', import\.meta\.url\)/g

/** Also where a test runs the source, its threads begin from the bundle, as they do for users: each start takes half the time. */
export function threadsOfBundle(): Plugin {
  return {
    name: 'threads-of-bundle',
    enforce: 'pre',
    transform(code, id) {
      if (!id.startsWith(source) || !code.includes('new Worker(')) return null
      return code.replaceAll(started, (asIs, module: string) => {
        const bundled = join(bundleFolder(), nameInBundle(resolve(dirname(id), module)))
        return existsSync(bundled) ? `new Worker(new URL('${pathToFileURL(bundled).href}')` : asIs
      })
    },
  }
}
