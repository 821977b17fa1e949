/** What somebody who may push could commit to stop a daemon. */
import { execFileSync } from 'node:child_process'
import { smallDeployment } from './desired-files.ts'
import type { Repository } from './repository.ts'

export interface HostileRevision {
  name: string
  /** How the head is told then. */
  code: string
  message: RegExp
  /** Commits it on top of the branch and answers its hash. */
  push(repository: Repository): string
}

const head = 'apiVersion: holdfast/v1\nkind: SqlStore\nmetadata: { name: s }\nspec:\n'
const many = (count: number, one: (index: number) => string): string =>
  Array.from({ length: count }, (_, i) => one(i)).join('')

export const hostileRevisions: readonly HostileRevision[] = [
  file(
    '60,000 unknown fields',
    'unknown-field',
    /k0: is not a known field/,
    `${head}  host: s.contoso.com\n${keys(60_000)}`,
  ),
  file('a key twice among 60,000', 'yaml-syntax', /:60005:3: .*unique/, `${head}${keys(60_000)}  k7: 1\n`),
  file('4 MB of keys', 'desired-state-too-large', /names, values and comments/, `${head}${keys(300_000)}`),
  file('690,000 documents of one word', 'desired-state-too-large', /too many documents/, '---\na\n'.repeat(690_000)),
  file('15,000 documents of one word', 'invalid-value', /A resource is a map/, '---\na\n'.repeat(15_000)),
  file('an alias bomb', 'yaml-syntax', /alias/i, bomb()),
  file('50,000 aliases', 'desired-state-too-large', /too many aliases/, `a: &a x\nb:\n${'  - *a\n'.repeat(50_000)}`),
  file('a list in a list, a million times', 'desired-state-too-large', /too deeply/, '['.repeat(1_000_000)),
  file(
    'a map in a map, a thousand times',
    'desired-state-too-large',
    /too deeply/,
    many(1000, (i) => `${' '.repeat(i)}a:\n`),
  ),
  file(
    '26,000 servers',
    'desired-state-too-large',
    /26\d\d\d servers/,
    `apiVersion: holdfast/v1\nkind: Pool\nmetadata: { name: p.contoso.com }\nspec:\n  site: S\n  type: mediation\n  servers:\n${many(26_000, (i) => `    - s${i}.contoso.com\n`)}`,
  ),
  tree('600 files of 4 MB of comments', /larger than 16 MiB together/, (repository) => {
    const blob = object(repository, 'blob', '#\n'.repeat(2_000_000))
    return folder(
      repository,
      many(600, (i) => `100644 blob ${blob}\tf${i}.yaml\n`),
    )
  }),
  tree('20,000 files', /more than 10000 files/, (repository) => {
    const blob = object(repository, 'blob', '# nothing\n')
    return folder(
      repository,
      many(20_000, (i) => `100644 blob ${blob}\tf${i}.yaml\n`),
    )
  }),
  tree('ten folders that hold ten, ten levels deep', /git ls-tree printed more than/, (repository) => {
    let inner = folder(repository, `100644 blob ${object(repository, 'blob', 'x')}\tx.yaml\n`)
    for (let level = 0; level < 10; level++)
      inner = folder(
        repository,
        many(10, (i) => `040000 tree ${inner}\td${i}\n`),
      )
    return inner
  }),
]

function keys(count: number): string {
  return many(count, (i) => `  k${i}: 1\n`)
}

/** One more file beside the good one. */
function file(name: string, code: string, message: RegExp, text: string): HostileRevision {
  const make = (repository: Repository): string => {
    const [hostile, all] = [text, smallDeployment].map((content) => object(repository, 'blob', content))
    return folder(repository, `100644 blob ${all ?? ''}\tall.yaml\n100644 blob ${hostile ?? ''}\thostile.yaml\n`)
  }
  return { name, code, message, push: pushing(make) }
}

function tree(name: string, message: RegExp, make: (repository: Repository) => string): HostileRevision {
  return { name, code: 'desired-state-too-large', message, push: pushing(make) }
}

/** By way of objects, because no disk would hold some of these trees as files. */
function pushing(make: (repository: Repository) => string): HostileRevision['push'] {
  return (repository) => {
    const root = folder(repository, `040000 tree ${make(repository)}\tdesired-state\n`)
    const commit = repository.git('commit-tree', root, '-p', 'HEAD', '-m', 'Grow')
    repository.git('update-ref', 'refs/heads/main', commit)
    return commit
  }
}

function object({ folder }: Repository, type: string, text: string): string {
  const args = ['hash-object', '-w', '-t', type, '--stdin']
  return execFileSync('git', args, { cwd: folder, input: text, encoding: 'utf8' }).trim()
}

function folder({ folder }: Repository, entries: string): string {
  return execFileSync('git', ['mktree'], { cwd: folder, input: entries, encoding: 'utf8' }).trim()
}

function bomb(): string {
  const rows = [`a0: &a0 [${'x, '.repeat(10)}]`]
  for (let i = 1; i < 8; i++) rows.push(`a${i}: &a${i} [${`*a${i - 1}, `.repeat(10)}]`)
  return rows.join('\n')
}
