/**
 * Fault D4: a shell host whose cmdlet runs outlives a daemon that is killed, one more for each crash. The next start ends
 * it; and it ends only what is proved to be a child of a dead daemon.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseDocument } from 'yaml'
import { startCli, startLab, type TestLab } from '../support/lab.ts'
import { alive, processesNaming } from '../support/processes.ts'
import { until } from '../support/until.ts'

const host = join(import.meta.dirname, 'fixtures', 'outliving-host.mjs')

let lab: TestLab
let config: string
let mark: string
beforeAll(async () => {
  lab = await startLab()
  config = await readFile(lab.config, 'utf8')
  mark = join(lab.dir, 'mark')
  const other = parseDocument(config)
  other.setIn(['shell', 'command'], [process.execPath, host, mark])
  await writeFile(lab.config, String(other))
}, 180_000)
afterAll(() => lab[Symbol.asyncDispose]())

const hosts = (): number[] =>
  processesNaming(mark)
    .map(Number)
    .filter((pid) => alive(pid))
const lists = (): string[] => readdirSync(lab.dir).filter((name) => name.startsWith('state.db.child-'))

/** Daemons that were killed with a cmdlet under way, and what they left running. */
async function kill(): Promise<number[]> {
  const victim = startCli('run', '--config', lab.config)
  const before = hosts()
  const left = await until(() => {
    const found = hosts().filter((pid) => !before.includes(pid))
    return Promise.resolve(lists().length > 0 && found.length > 0 ? found : undefined)
  })
  victim.kill('SIGKILL')
  await once(victim, 'exit')
  return left
}

test('the shell host that a killed daemon left is ended by the next start', async () => {
  const left = await kill()
  const again = await kill() // which is a start too
  await until(() => Promise.resolve(!left.some(alive) || undefined))
  expect(again.some(alive)).toBe(true)

  await writeFile(lab.config, config)
  expect((await lab.holdfast('run', '--once')).code).toBe(0)
  await until(() => Promise.resolve(hosts().length === 0 || undefined))
  expect(lists()).toEqual([])
})

test('what is not proved to be such a child lives on', async () => {
  const bystander = (): ChildProcess =>
    spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' })
  const started = [bystander(), bystander(), bystander(), bystander()] as const
  const [ours, another, renamed, under] = started
  try {
    const dead = nameOf(another.pid ?? 0, '1')
    const list = (child: object, program: string, parent: object = dead): void => {
      const id = `${lists().length}`.repeat(32)
      writeFileSync(join(lab.dir, `state.db.child-${id}`), JSON.stringify({ parent, child, program }))
    }
    list(nameOf(ours.pid ?? 0), process.execPath) // the one that is
    list(nameOf(another.pid ?? 0, '1'), process.execPath) // its number was another's before
    list(nameOf(renamed.pid ?? 0), '/usr/bin/pwsh') // it runs another program
    list(nameOf(under.pid ?? 0), process.execPath, nameOf(process.pid)) // of one that is at work

    expect((await lab.holdfast('run', '--once')).code).toBe(0)
    await until(() => Promise.resolve(!alive(ours.pid) || undefined))
    expect([another, renamed, under].every(({ pid }) => alive(pid))).toBe(true)
  } finally {
    for (const one of started) one.kill('SIGKILL')
  }
})

/** As the system tells it, or of one that started at another time. */
function nameOf(pid: number, start?: string): object {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const told = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  return { ...here, pid, start: start ?? told }
}

const here = {
  host: readFileSync('/proc/sys/kernel/hostname', 'utf8').trim(),
  namespace: `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${readlinkSync('/proc/self/ns/pid')}`,
}
