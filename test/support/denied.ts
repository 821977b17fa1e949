import { chmodSync } from 'node:fs'
import { isRoot, mount, unmount, unreadableFile } from '../../src/lab/mounts.ts'

/** From now on nobody can read this file, not even root, until the result is disposed of. */
export function denied(file: string): Disposable {
  if (isRoot()) mount('--bind', unreadableFile(), file)
  else chmodSync(file, 0)
  return {
    [Symbol.dispose]() {
      if (isRoot()) unmount(file)
      else chmodSync(file, 0o644)
    },
  }
}
