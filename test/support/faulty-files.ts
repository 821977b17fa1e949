import fs, { type FileHandle } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

type Call = (...given: unknown[]) => Promise<unknown>

/** What becomes of a call on a path: null goes on, a text such as `EIO` is the error that it ends with. */
export type Rule = (call: string, path: string) => string | null | Promise<null>

const real = { ...fs }
const calls = ['open', 'rename', 'mkdir', 'rm', 'link', 'readFile', 'readdir', 'lstat', 'stat', 'statfs'] as const
const handleCalls = ['write', 'sync', 'datasync', 'read', 'stat', 'close'] as const

/**
 * From now on `node:fs/promises` of this thread behaves by the rule, until the result is disposed of. Calls on an open
 * file are named `handle.sync` and so on, with the path that it was opened by.
 */
export function faultyFiles(rule: Rule): Disposable {
  for (const name of calls) {
    const original = real[name] as Call
    const faulty: Call = async (...given) => {
      await apply(rule, name, String(given[0]))
      const result = await original(...given)
      if (name === 'open') wrap(result as FileHandle, String(given[0]), rule)
      return result
    }
    Object.assign(fs, { [name]: faulty })
  }
  syncBuiltinESMExports()
  return {
    [Symbol.dispose]() {
      Object.assign(fs, real)
      syncBuiltinESMExports()
    },
  }
}

function wrap(handle: FileHandle, path: string, rule: Rule): void {
  for (const name of handleCalls) {
    const original = (handle[name] as Call).bind(handle)
    const faulty: Call = async (...given) => {
      await apply(rule, `handle.${name}`, path)
      return original(...given)
    }
    Object.assign(handle, { [name]: faulty })
  }
}

async function apply(rule: Rule, call: string, path: string): Promise<void> {
  const code = await rule(call, path)
  if (code !== null) throw Object.assign(new Error(`${code}: as the test wants it, ${call} '${path}'`), { code })
}

/** Whether a path is the temporary name under which a file is written: by name, or by whole path. */
export function isTemporary(path: string, file: string): boolean {
  const name = path.replace(/\.[0-9a-f]{8}\.part$/, '')
  return name !== path && (name === file || name.endsWith(`/${file}`))
}
