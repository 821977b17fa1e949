/** Real mounts, where this machine allows them: a full disk and a locked file that hold for root as well. */
import { execFileSync } from 'node:child_process'
import { accessSync, chmodSync, constants, readdirSync, statSync, type Dirent } from 'node:fs'
import { join } from 'node:path'
import { Problem, systemCode } from '../base/problem.ts'
import { readIfThere } from './paths.ts'

export function mount(...options: string[]): void {
  run('mount', options)
}

/** What a restart of the machine unmounted already stays so. */
export function unmount(path: string): void {
  if (isMounted(path)) run('umount', ['--lazy', path])
}

/** Whether something is mounted right there (`proc`, "mountinfo": the fifth field, blanks as octal numbers). */
export function isMounted(path: string): boolean {
  const escaped = path.replaceAll(/[ \t\n\\]/g, (one) => `\\${one.charCodeAt(0).toString(8).padStart(3, '0')}`)
  return (readIfThere('/proc/self/mountinfo') ?? '').split('\n').some((line) => line.split(' ')[4] === escaped)
}

function run(program: string, options: readonly string[]): void {
  try {
    execFileSync(program, options, { stdio: ['ignore', 'ignore', 'pipe'], timeout: 10_000 })
  } catch (thrown) {
    throw new Problem('lab-break-impossible', {
      message: `This machine does not allow it: ${program} was refused.`,
      hint: 'Run the lab on Linux as root with the right to mount, or choose another detail.',
      cause: thrown,
    })
  }
}

export function isRoot(): boolean {
  return process.getuid?.() === 0
}

/** Adds or removes bits of the mode of a folder and of all folders below it. */
export function changeModes(folder: string, change: (mode: number) => number): void {
  chmodSync(folder, change(statSync(folder).mode & 0o7777))
  for (const entry of readdirSync(folder, { withFileTypes: true }).filter(isFolder))
    changeModes(join(folder, entry.name), change)
}

function isFolder(entry: Dirent): boolean {
  return entry.isDirectory()
}

/** Attributes of devices that can be written and never read, not even by root. */
const writeOnly = ['cpu', 'platform', 'pci', 'acpi', 'node'].map((bus) => `/sys/bus/${bus}/drivers_probe`)

/** A file that this system refuses to open for reading, whoever asks. */
export function unreadableFile(): string {
  const found = writeOnly.find((file) => {
    try {
      accessSync(file, constants.F_OK)
      return (statSync(file).mode & 0o444) === 0
    } catch (thrown) {
      if (systemCode(thrown) === 'ENOENT') return false
      throw thrown
    }
  })
  if (found === undefined)
    throw new Problem('lab-break-impossible', {
      message: 'This system has no file that root may not read.',
      hint: 'Run the lab as another user, or choose the detail "moved".',
    })
  return found
}
