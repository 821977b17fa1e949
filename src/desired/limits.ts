/** What one revision may be: many times what a deployment of 1,000 pools and 5,000 servers needs. */
import { Problem } from '../base/problem.ts'
import type { YamlRoom } from '../base/yaml.ts'
import type { Fault } from './judgement.ts'

export const mebibyte = 1024 * 1024

export const limits = {
  fileBytes: 4 * mebibyte,
  /** Of all files of desired state together. */
  bytes: 16 * mebibyte,
  files: 10_000,
  /** For all files together. */
  room: { documents: 20_000, pieces: 1_000_000, aliases: 1000, depth: 100 } satisfies YamlRoom,
  /** Members of pools, SQL Servers and file servers. */
  hosts: 25_000,
  /** Of each kind that is no part of the topology, such as policies. */
  intents: 500,
  /** Entries of a list in a Recovery or a Suspension: many times the steps of the longest procedure. */
  words: 1000,
  /** Errors, and warnings, that are told one by one; the others are counted. */
  faults: 100,
  /** For reading and checking it all, on a thread of its own. */
  seconds: 30,
  heapMebibytes: 768,
} as const

const hint =
  'Move what is not desired state out of the path of desired state. docs/reference/desired-state.md lists the limits.'

/** A revision that is not read because it is larger than `limits` allow. `file`: where they were passed; `.`: nowhere alone. */
export function tooLarge(file: string, message: string): Problem {
  return new Problem('desired-state-too-large', { subject: file, message, hint })
}

/** Throws Problem `desired-state-too-large` for files that are too many or too large, before one of them is read. */
export function checkSizes(files: readonly { path: string; size: number }[]): void {
  checkCount(files.length, files[limits.files]?.path ?? '.')
  let bytes = 0
  for (const { path, size } of files) {
    if (size > limits.fileBytes) continue // a fault of its own, and not read
    bytes += size
    if (bytes > limits.bytes)
      throw tooLarge(path, `The files of desired state are larger than ${limits.bytes / mebibyte} MiB together.`)
  }
}

/** The same for their number alone, as far as they are found. */
export function checkCount(files: number, last: string): void {
  if (files > limits.files) throw tooLarge(last, `There are more than ${limits.files} files of desired state.`)
}

/** The problem as the one fault of a revision. */
export function asFault({ code, subject, message, hint }: Problem): Fault {
  return { code, file: subject ?? '.', line: 1, column: 1, message, hint: hint ?? '' }
}
