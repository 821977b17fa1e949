import { registerHooks } from 'node:module'
import type mssql from 'mssql'

let loading: Promise<typeof mssql> | null = null

/**
 * `mssql`, loaded when first needed. Its client brings the logins of Azure, which no deployment of these products has:
 * half of what it costs in time and memory, so it gets empty modules in their place.
 */
export function sqlDriver(): Promise<typeof mssql> {
  return (loading ??= load())
}

async function load(): Promise<typeof mssql> {
  const nothing = new URL('./nothing.ts', import.meta.url).href
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier.startsWith('@azure/') ? { url: nothing, shortCircuit: true } : next(specifier, context),
  })
  try {
    return (await import('mssql')).default
  } finally {
    hooks.deregister()
  }
}
