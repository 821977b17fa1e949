import { chmodSync } from 'node:fs'
import { changeModes, isRoot, mount, unmount, unreadableFile } from '../../src/lab/mounts.ts'

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

/** From now on nobody can write into this folder, not even root, until the result is disposed of. */
export function readOnly(folder: string): Disposable {
  if (isRoot()) {
    mount('--bind', folder, folder)
    mount('-o', 'remount,bind,ro', folder)
  } else changeModes(folder, (mode) => mode & ~0o222)
  return {
    [Symbol.dispose]() {
      if (isRoot()) unmount(folder)
      else changeModes(folder, (mode) => mode | 0o200)
    },
  }
}
