/** What the kernel saw one process change below a folder, by `strace`; what its children did is left out. */
import { placeOf } from '../../support/die-at.ts'

const files = [
  'openat',
  'write',
  'pwrite64',
  'writev',
  'pwritev',
  'rename',
  'mkdir',
  'rmdir',
  'unlink',
  'unlinkat',
  'link',
  'ftruncate',
]
const others = [
  'renameat2',
  'mkdirat',
  'linkat',
  'symlink',
  'chmod',
  'fchmod',
  'chown',
  'fchown',
  'utimensat',
  'copy_file_range',
]
const processes = ['execve', 'clone', 'clone3', 'fork', 'vfork']

/** Runs what follows, and writes to `file`. */
export function strace(file: string): string[] {
  const calls = [...files, ...others, ...processes].join(',')
  return ['strace', '-f', '-qq', '-y', '-s', '0', '--seccomp-bpf', '-e', `trace=${calls}`, '-o', file]
}

/** What was done, as `write <place>`, each as often as it was done. */
export function changesIn(log: string, root: string): string[] {
  const parents = new Map<string, string>()
  const programs = new Set<string>()
  const changes: { thread: string; change: string }[] = []
  let first: string | null = null
  for (const line of log.split('\n')) {
    const [, thread = '', call = ''] = /^(\d+) +(?:<\.\.\. )?(\w+)/.exec(line) ?? []
    first ??= thread
    const [, child] = processes.includes(call) && call !== 'execve' ? (/= (\d+)$/.exec(line) ?? []) : []
    if (child !== undefined) parents.set(child, thread)
    if (call === 'execve' && thread !== first) programs.add(thread)
    const change = changeOf(line, root)
    if (change !== null) changes.push({ thread, change })
  }
  const isChild = (thread: string | undefined): boolean =>
    thread !== undefined && (programs.has(thread) || isChild(parents.get(thread)))
  return changes.filter(({ thread }) => !isChild(thread)).map(({ change }) => change)
}

function changeOf(line: string, root: string): string | null {
  const [, call, rest = ''] = /^\d+ +(\w+)\((.*)$/.exec(line) ?? []
  if (call === undefined || processes.includes(call)) return null
  if (call === 'openat' && !/O_CREAT|O_TRUNC/.test(rest)) return null
  const paths = [...rest.matchAll(/"(\/[^"]*)"|\d+<(\/[^>]*)>/g)].map(([, named, opened]) => named ?? opened)
  const path = /^(rename|link|symlink)/.test(call) ? paths[1] : paths[0]
  const place = placeOf(path, root)
  return place === null ? null : `${verbOf(call)} ${place}`
}

/** Also of the steps of `die-at.ts`; null for what is no call on a file. */
export function verbOf(call: string): string {
  if (/^p?write/.test(call)) return 'write'
  if (/^(rm|rmdir|unlink)/.test(call)) return 'remove'
  return call
    .replace(/^open.*/, 'open')
    .replace(/^rename.*/, 'rename')
    .replace(/^link.*/, 'link')
    .replace(/^mkd.*/, 'mkdir')
}
