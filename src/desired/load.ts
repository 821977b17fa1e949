import type { Located } from '../base/yaml.ts'
import type { Desired } from '../domain/model.ts'

export type { Desired } from '../domain/model.ts'

/** One fault in the files of desired state. */
export interface Fault extends Located {
  /** Stable code with a page in `docs/errors/`. */
  code: string
  message: string
  hint: string
}

export type Loaded =
  { ok: true; desired: Desired; warnings: Fault[] } | { ok: false; errors: Fault[]; warnings: Fault[] }

/** A file of desired state: path within the repository (or folder) and its text. */
export interface SourceFile {
  path: string
  text: string
}

/** The files of one revision -> everything that is wrong with them at once, or the resolved desired state. */
export function load(_revision: string, _files: Iterable<SourceFile>): Loaded {
  throw new Error('not built yet')
}
