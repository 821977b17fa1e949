/** Sets of what the lab holds, and the tools of a restore over its real shell host. */
import { readFileSync } from 'node:fs'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { systemClock, type Clock } from '../../../src/base/clock.ts'
import { Problem } from '../../../src/base/problem.ts'
import { systemRandom } from '../../../src/base/random.ts'
import { readConfig } from '../../../src/config/config.ts'
import type { BackupSet, ItemOutcome } from '../../../src/domain/backup-set.ts'
import { itemKey } from '../../../src/domain/subject.ts'
import type { Item } from '../../../src/domain/words.ts'
import { openDrivers, type Drivers } from '../../../src/drivers/drivers.ts'
import type { CallName, ShellHost } from '../../../src/drivers/shell/host.ts'
import type { Tools } from '../../../src/act/handler.ts'
import type { RestoreContext } from '../../../src/act/restore/restorer.ts'
import { act, change, contentOf } from '../../../src/lab/lab.ts'
import { contosoLab } from '../../lab/support.ts'
import { contoso } from '../../support/contoso.ts'
import { seal } from '../../support/sealed.ts'

export const never = new AbortController().signal

/** A clock whose waits are a thousandth of what they are. */
export const hasty: Clock = {
  ...systemClock,
  sleep: (milliseconds, signal) => systemClock.sleep(milliseconds / 1000, signal),
}

export interface RestoreBench extends AsyncDisposable {
  scratch: string
  drivers: Drivers
  tools: Tools
  held(kind: string, subject: string): Record<string, string[]>
  break(kind: string, subject: string, detail?: string): Promise<void>
  repair(kind: string, subject: string): Promise<void>
  does(kind: string, subject: string): Promise<void>
  /** Calls that reached the shell host since it was asked last, but for looks at services. */
  asked(): { call: string; parameters: Record<string, unknown> }[]
  /** A set that holds one item, exported now. */
  setOf(item: Item, call: CallName, parameters: object, counts: Record<string, number>): Promise<RestoreContext>
}

export async function restoreBench(deadlineSeconds = 600): Promise<RestoreBench> {
  const lab = await contosoLab()
  const config = await readConfig(lab.paths.config)
  const drivers = openDrivers({ ...config, shell: { ...config.shell!, deadlineSeconds } }, systemClock, systemRandom)
  const { directory } = lab.paths
  const forms = new Map<string, string>()
  const first = {
    counted: () => null,
    keepCount: () => Promise.resolve(),
    takenDestination: (item: Item) => forms.get(itemKey(item)) ?? null,
    keepDestination: (item: Item, form: string) => Promise.resolve(void forms.set(itemKey(item), form)),
  }
  const tools = { drivers, desired: await contoso(), ...first } as unknown as Tools
  let told = 0
  let sets = 0
  return {
    scratch: lab.paths.scratch,
    drivers,
    tools,
    held: (kind, subject) => contentOf(directory, subject).find((one) => one.kind === kind)!.content!,
    break: (kind, subject, detail) => change(directory, 'break', { kind, subject, detail: detail ?? null }),
    repair: (kind, subject) => change(directory, 'repair', { kind, subject, detail: null }),
    does: (kind, subject) => act(directory, { kind, subject, detail: null }, directory),
    asked() {
      const lines = readFileSync(lab.paths.requests, 'utf8').split('\n').filter(Boolean)
      const all = lines
        .map((line) => JSON.parse(line) as { kind: string; call: string; parameters: Record<string, unknown> })
        .filter(({ kind, call }) => kind === 'shell' && call !== 'commands' && call !== 'services')
      const fresh = all.slice(told)
      told = all.length
      return fresh
    },
    async setOf(item, call, parameters, counts) {
      const path = join(directory, `set-${++sets}`)
      const file = `data/${item.kind}.zip`
      await mkdir(dirname(join(path, file)), { recursive: true })
      await drivers.shell.call(call, { ...parameters, FileName: join(path, file) }, never)
      const content = await readFile(join(path, file))
      const copy: ItemOutcome = { ...item, path: file, outcome: 'ok', bytes: content.length, counts }
      const set = { id: 'set-1', path, commitSha256: seal(path) } as unknown as BackupSet
      return {
        set,
        copy,
        tools,
        accepts: () => false,
        lostSince: '2000-01-01T00:00:00.000Z',
        signal: never,
        onPercent: () => {},
      }
    },
    async [Symbol.asyncDispose]() {
      await drivers[Symbol.asyncDispose]()
      await lab[Symbol.asyncDispose]()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** The same tools, where this call meets that instead, each time as often as there are answers; null: as it is. */
export function meets(tools: Tools, name: CallName, ...answers: (Problem | 'error-record' | null)[]): Tools {
  const { shell } = tools.drivers
  const call: ShellHost['call'] = async (asked, ...rest) => {
    const answer = asked === name ? (answers.shift() ?? null) : null
    if (answer instanceof Problem) throw answer
    const result = await shell.call(asked, ...rest)
    const error = { message: 'One of them was skipped.', category: 'InvalidData', terminating: false }
    return answer === null ? result : { ...result, errors: [error] }
  }
  return { ...tools, drivers: { ...tools.drivers, shell: { ...shell, call } } }
}
