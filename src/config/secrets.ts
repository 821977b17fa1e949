import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { registerSecret } from '../base/log.ts'
import { systemCode } from '../base/problem.ts'
import { resolvePath } from './git-url.ts'

/** How the configuration refers to a secret, which is never written in it. */
export const secret = z.union(
  [
    z.strictObject({ env: z.string().min(1, 'is empty').describe('Name of an environment variable.') }),
    z.strictObject({
      file: z.string().min(1, 'is empty').describe('Path of a file; one line end at its end is cut off.'),
    }),
  ],
  { error: 'must be { env: NAME } or { file: PATH }: secrets are not written here in clear text' },
)
export type Secret = z.output<typeof secret>

/** Reads what the configuration refers to, and collects what cannot be read. */
export interface References {
  /** The secret, registered so that it never appears in a log; empty, with a fault at `path`, when it cannot be had. */
  secret(reference: Secret, path: readonly PropertyKey[]): Promise<string>
  text(value: string | Secret, path: readonly PropertyKey[]): Promise<string>
  file(name: string, path: readonly PropertyKey[]): Promise<string>
}

export function openReferences(
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
  fault: (path: readonly PropertyKey[], message: string) => void,
): References {
  async function file(name: string, path: readonly PropertyKey[]): Promise<string> {
    try {
      return await readFile(resolvePath(folder, name), 'utf8')
    } catch (thrown) {
      fault(path, `The file ${resolvePath(folder, name)} cannot be read (${systemCode(thrown) ?? 'unknown error'}).`)
      return ''
    }
  }
  async function value(reference: Secret, path: readonly PropertyKey[]): Promise<string> {
    if ('file' in reference) {
      const text = (await file(reference.file, [...path, 'file'])).replace(/\r?\n$/, '')
      return text
    }
    const text = env[reference.env]
    if (text === undefined || text === '')
      fault([...path, 'env'], `The environment variable ${reference.env} is not set.`)
    return text ?? ''
  }
  return {
    file,
    async secret(reference, path) {
      const text = await value(reference, path)
      registerSecret(text)
      return text
    },
    text: async (given, path) => (typeof given === 'string' ? given : await value(given, path)),
  }
}

/** Every reference to a secret in a part of the configuration, each once, in the order of the file. */
export function referencesIn(part: unknown): Secret[] {
  const found = new Map<string, Secret>()
  const walk = (value: unknown): void => {
    const { success, data } = secret.safeParse(value)
    if (success) found.set(JSON.stringify(data), data)
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(walk)
  }
  walk(part)
  return [...found.values()]
}
