import { createReadStream, existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog } from '../../src/base/log.ts'
import { Problem } from '../../src/base/problem.ts'
import type { ProblemCode } from '../../src/base/problem-codes.ts'
import type { Random } from '../../src/base/random.ts'
import type { Tools } from '../../src/act/handler.ts'
import type { DatabaseFacts } from '../../src/domain/facts.ts'
import type { Desired } from '../../src/domain/model.ts'
import type { Action } from '../../src/domain/action.ts'
import type { BackupSet, SetSummary } from '../../src/domain/backup-set.ts'
import type { Item, SetId } from '../../src/domain/words.ts'
import type { Drivers } from '../../src/drivers/drivers.ts'
import type { CallResult, ShellHost } from '../../src/drivers/shell/host.ts'
import type { SqlServer, TapeFacts } from '../../src/drivers/sql/sql-server.ts'
import { readCatalogue, type SetCache } from '../../src/sets/catalogue.ts'
import { sqlSubject } from '../../src/domain/subject.ts'
import { memoryCache } from '../sets/world.ts'
import { desiredState, location } from './desired.ts'
import { world as observedWorld } from './observed.ts'
import { TestClock } from './test-clock.ts'

const share = '\\\\backup01.contoso.com\\LyncBackup'

/** What a call of a cmdlet does: writes this content, returns objects, ends with these errors, or throws this. */
export type CmdletAnswer = Buffer | string | null | { errors: string[]; writes?: Buffer; objects?: unknown[] } | Error

export interface FakeInstance {
  /** Name of the machine that answers; null: the subject's. */
  machine: string | null
  databases: DatabaseFacts[]
  /** Content of the file that a backup writes; null: it writes none. */
  content: Buffer | null
  /** What differs in the header from what was asked for. */
  header: Partial<TapeFacts>
  /** Thrown in turn by the next backups, after the file was written. */
  failures: Error[]
  /** Thrown by the question for facts. */
  unreachable: Error | null
  /** What happens in the world while a backup runs. */
  meanwhile: () => void
  /** What a backup takes, as the instance says before; null: it does not. */
  backupBytes: number | null
  /** Paths of all backups that were asked for. */
  asked: string[]
}

export interface FakeWorld extends AsyncDisposable {
  /** Folder of the backup share; `sources` holds every other share as `<server>/<share>`. */
  share: string
  sources: string
  clock: TestClock
  drivers: Drivers
  /** Answer of each cmdlet call by its name, in turn; the last one stays. */
  cmdlets: Record<string, CmdletAnswer[]>
  calls: { name: string; parameters: Readonly<Record<string, unknown>> }[]
  /** Scratch folders that were not removed. */
  scratches: Set<string>
  instance(subject: string): FakeInstance
  proofs: { set: SetId; level: string; outcome: string }[]
  /** What `tools.sets()` gives. */
  known: BackupSet[]
  /** What the handlers noted. */
  noted: SetId[]
  tools(desired?: Desired): Tools
}

/** Hand-made drivers over real folders: what the far end does is what a test says. */
export async function fakeWorld(): Promise<FakeWorld> {
  const base = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
  const folder = await mkdtemp(join(base, 'holdfast-act-'))
  const [shareFolder, sources, scratch] = [join(folder, 'share'), join(folder, 'sources'), join(folder, 'scratch')]
  for (const path of [shareFolder, sources, scratch]) await mkdir(path)
  const clock = new TestClock('2026-07-29T02:00:00.000Z')
  let next = 0
  const random: Random = { bytes: (count) => Uint8Array.from({ length: count }, () => next++ % 256) }
  const instances = new Map<string, FakeInstance>()
  const localPath = (unc: string): string =>
    unc.startsWith(share)
      ? join(shareFolder, ...unc.slice(share.length).split('\\'))
      : join(sources, ...unc.slice(2).toLowerCase().split('\\'))
  const cmdlets: FakeWorld['cmdlets'] = {}
  const calls: FakeWorld['calls'] = []
  const scratches = new Set<string>()
  const instance = (subject: string): FakeInstance => {
    const key = subject.toLowerCase()
    const known = instances.get(key) ?? freshInstance()
    instances.set(key, known)
    return known
  }
  const drivers = {
    clock,
    random,
    localPath,
    shell: fakeShell(scratch, cmdlets, calls, scratches),
    sql: (address: { host: string; instance: string }) =>
      fakeServer(sqlSubject(address), instance(sqlSubject(address)), localPath),
  } as unknown as Drivers
  const proofs: FakeWorld['proofs'] = []
  const known: BackupSet[] = []
  const noted: SetId[] = []
  const cache = {
    prove: (set: SetId, { level, outcome }: { level: string; outcome: string }) => proofs.push({ set, level, outcome }),
  } as unknown as SetCache
  return {
    share: shareFolder,
    sources,
    clock,
    drivers,
    cmdlets,
    calls,
    scratches,
    instance,
    proofs,
    known,
    noted,
    tools: (desired = desiredState()) => ({
      drivers,
      desired,
      owner: 'owner-1',
      ownership: { hold: () => Promise.resolve(), check: () => Promise.resolve() },
      expectOurs: () => Promise.resolve(),
      cache,
      log: createLog({ write: () => {} }, 'silent'),
      observed: () => observedWorld([] as SetSummary[]),
      async look() {
        const { sets } = await readCatalogue(location(), memoryCache(), new Set(), drivers)
        for (const set of sets.reverse()) if (!known.some(({ id }) => id === set.id)) known.unshift(set)
      },
      sets: () => known,
      vouch: () => Promise.resolve(),
      bringJournal: () => Promise.resolve(null),
      journalHead: () => ({ sequence: 0, hash: '0'.repeat(64) }),
      lost: () => null,
      limit: (_resource, _signal, task) => task(),
      note: (set) => Promise.resolve(void noted.push(set)),
      keep: (write) => Promise.resolve(write()),
      counted: () => null,
      keepCount: () => Promise.resolve(),
      takenDestination: () => null,
      keepDestination: () => Promise.resolve(),
      progress: () => {},
    }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

export function failure(code: ProblemCode, message = 'It went wrong.'): Problem {
  return new Problem(code, { message })
}

/** A run of all these items, as the planner wants it. */
export function runOf(items: readonly Item[]): Extract<Action, { kind: 'create-backup-set' }> {
  return {
    kind: 'create-backup-set',
    id: 'a1',
    subject: 'nightly',
    location: 'main',
    policy: 'nightly',
    slot: '2026-07-29T02:00:00.000Z',
    whole: true,
    items,
    cause: 'scheduled',
    reason: 'The slot has come.',
    request: null,
  }
}

export function database(name: string, more: Partial<DatabaseFacts> = {}): DatabaseFacts {
  return {
    name,
    guid: null,
    state: 'ONLINE',
    recoveryModel: 'SIMPLE',
    createdAt: null,
    mirroringRole: null,
    replicaRole: null,
    ...more,
  }
}

/** The head of a compressed backup: known by its first bytes, and not judged further. */
export const compressedTape = Buffer.concat([Buffer.from('MSSQLBAK'), Buffer.alloc(2000)])

function freshInstance(): FakeInstance {
  return {
    machine: null,
    databases: [],
    content: compressedTape,
    header: {},
    failures: [],
    unreachable: null,
    meanwhile: () => {},
    backupBytes: null,
    asked: [],
  }
}

function fakeShell(
  scratch: string,
  cmdlets: FakeWorld['cmdlets'],
  calls: FakeWorld['calls'],
  scratches: FakeWorld['scratches'],
): ShellHost {
  return {
    async call(name, parameters, _signal, take): Promise<CallResult> {
      calls.push({ name, parameters })
      const turns = cmdlets[name] ?? []
      const answer = (turns.length > 1 ? turns.shift() : turns[0]) ?? null
      if (answer instanceof Error) throw answer
      const file = parameters['FileName']
      const writes = answer !== null && typeof answer === 'object' && 'errors' in answer ? answer.writes : answer
      if (writes !== null && writes !== undefined && typeof file === 'string') await writeFile(file, writes)
      const errors = answer !== null && typeof answer === 'object' && 'errors' in answer ? answer.errors : []
      const objects = answer !== null && typeof answer === 'object' && 'errors' in answer ? (answer.objects ?? []) : []
      if (take) for (const object of objects) await take(object)
      return {
        objects: take ? [] : objects,
        warnings: [],
        errors: errors.map((message) => ({ message, category: 'InvalidOperation', terminating: false })),
      }
    },
    removeLeftovers: () => Promise.resolve(),
    async scratch() {
      const own = await mkdtemp(join(scratch, 'export-'))
      scratches.add(own)
      return {
        path: (file) => join(own, file),
        open: (file) =>
          existsSync(join(own, file))
            ? Promise.resolve(createReadStream(join(own, file)))
            : Promise.reject(failure('shell-no-output', 'The cmdlet wrote no file.')),
        here: (file) =>
          existsSync(join(own, file))
            ? Promise.resolve(join(own, file))
            : Promise.reject(failure('shell-no-output', 'The cmdlet wrote no file.')),
        write: (file, content) => writeFile(join(own, file), content),
        [Symbol.asyncDispose]: async () => {
          await rm(own, { recursive: true })
          scratches.delete(own)
        },
      }
    },
  }
}

function fakeServer(subject: string, state: FakeInstance, localPath: (unc: string) => string): SqlServer {
  let last = { database: '', name: '' }
  const server: Pick<SqlServer, 'subject' | 'facts' | 'backup' | 'backupBytes' | 'header' | 'fileList'> = {
    subject,
    facts() {
      if (state.unreachable) return Promise.reject(state.unreachable)
      return Promise.resolve({
        version: '11.0',
        edition: 'x',
        machine: state.machine ?? subject,
        databases: state.databases,
      })
    },
    backupBytes: () => Promise.resolve(state.backupBytes),
    async backup({ database: name, path, name: backup }) {
      state.asked.push(path)
      last = { database: name, name: backup }
      state.meanwhile()
      if (state.content !== null) await writeFile(localPath(path), state.content)
      const thrown = state.failures.shift()
      if (thrown) throw thrown
      return { name: backup, databaseGuid: 'guid-1', startedAt: '', finishedAt: '', bytes: 1 }
    },
    fileList: () => Promise.resolve([]),
    header: () =>
      Promise.resolve({
        ...last,
        databaseGuid: 'GUID-1',
        family: 'FAMILY-1',
        set: 'SET-1',
        server: subject,
        full: true,
        copyOnly: true,
        collation: 'Latin1_General_CI_AS',
        checksums: true,
        damaged: false,
        finishedAt: '2026-07-29T02:00:00.000Z',
        ...state.header,
      }),
  }
  return server as SqlServer
}
