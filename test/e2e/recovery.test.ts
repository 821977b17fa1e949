/**
 * A lost Standard Edition server comes back: the runbook says what is next, the hands of the lab do it, and a commit says what
 * nothing can see. The daemon sees all of it through its real drivers, and runs no step.
 */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import type { RunbookView } from '../../src/views/runbook.ts'
import type { StatusView } from '../../src/views/status.ts'
import { startedDaemon } from '../support/daemon-process.ts'
import { git, startLab, type TestLab } from '../support/lab.ts'
import type { SetsJson } from '../support/shapes.ts'
import { until } from '../support/until.ts'

const server = 'se01.contoso.com'
const share = String.raw`\\se01.contoso.com\LyncShare`

let lab: TestLab
let daemon: ChildProcess

beforeAll(async () => {
  lab = await startLab()
  await lab.commit(join('desired-state', 'deployment.yaml'), (text) => text.replace('grace: 1m', 'grace: 1s'))
  await writeFile(lab.config, (await readFile(lab.config, 'utf8')).replace('atLeastEvery: 15s', 'atLeastEvery: 2s'))
  const { code, out, err } = await lab.holdfast('run', '--once')
  if (code !== 0) throw new Error(out + err)
  daemon = await startedDaemon(lab)
}, 240_000)
afterAll(async () => {
  daemon.kill('SIGTERM')
  if (daemon.exitCode === null) await once(daemon, 'exit')
  await lab[Symbol.asyncDispose]()
})

type Step = RunbookView['steps'][number]
type Said = { step: string; subject: string; by: string; at: string }

const runbook = async (): Promise<RunbookView> => (await lab.json<RunbookView>('runbook', server)).json
const flags = async (): Promise<string[]> => (await lab.json<StatusView>('status')).json.flags.map((one) => one.subject)

/** What hands do for each step (domain reference, sections 6.2, 6.4, 6.7 and 6.10); a step that is not here is only said. */
async function hands(): Promise<Record<string, [act: string, subject: string, detail?: string][]>> {
  const { json } = await lab.json<SetsJson>('sets', '--policy', 'file-stores')
  const set = json.sets.find(({ state }) => state === 'complete')
  const copy = join(set?.path ?? '', set?.items.find(({ subject }) => subject === share)?.path ?? '')
  return {
    'rebuild-machine': [
      ['install-windows', server],
      ['join-domain', server],
    ],
    'restore-certificates': [['restore-certificates', server, 'from-pfx']],
    'share-file-store': [['share-folder', share]],
    'restore-file-store': [['copy-file-store', share, copy]],
    'enable-topology': [['enable-topology', 'contoso']],
    'download-topology': [
      ['download-topology', 'contoso'],
      ['publish-topology', 'contoso'],
    ],
    'install-local-store': [['install-local-configuration-store', server]],
    'install-components': [['setup-components', server]],
    'assign-certificates': [['assign-certificates', server]],
    'apply-updates': [['apply-updates', server]],
    'start-server': [['start-services', server]],
  }
}

async function declare(acknowledge: readonly Said[], more = {}): Promise<void> {
  const spec = { server, scenario: 'standard-edition', acknowledge, ...more }
  const text = stringify({ apiVersion: 'holdfast/v1', kind: 'Recovery', metadata: { name: 'se01' }, spec })
  await writeFile(join(lab.clone, 'desired-state', 'recovery.yaml'), text)
  await git(lab.clone, 'add', '--all')
  await git(lab.clone, 'commit', '--message', 'Restore se01')
  await git(lab.clone, 'push', '--quiet')
}

test('a Standard Edition server comes back step by step, and nothing is done before its time', async () => {
  const acts = await hands()
  await lab.break('server', server)
  await until(async () => ((await flags()).includes(server) ? true : undefined))

  const said: Said[] = []
  const done = new Set<string>()
  const order: string[] = []
  for (;;) {
    const { steps } = await runbook()
    if (steps.every(({ state }) => state === 'done')) break
    const ready = steps.filter(({ id, state }) => state === 'ready' && !done.has(id))
    if (ready.length === 0) {
      // What hands did is seen, or it is said where nothing can see it.
      await until(async () => {
        const now = await runbook()
        const isMoved = now.steps.some(({ id, state }) => state === 'ready' && !done.has(id))
        const isOver = now.steps.every(({ state }) => state === 'done')
        return isMoved || isOver ? true : undefined
      })
      continue
    }
    const before = said.length
    for (const step of ready) await act(step)
    if (said.length > before) await declare(said)
  }
  async function act({ id, subject, acknowledgeable }: Step): Promise<void> {
    for (const [kind, about, detail] of acts[id] ?? []) {
      const result = await lab.holdfast(
        'lab',
        'do',
        kind,
        about,
        ...(detail === undefined ? [] : [detail]),
        '--dir',
        lab.dir,
      )
      if (result.code !== 0) throw new Error(`${kind} ${about}: ${result.err}`)
    }
    done.add(id)
    order.push(id)
    if (acknowledgeable === true || acts[id] === undefined)
      said.push({ step: id, subject, by: 'Jane', at: new Date().toISOString() })
  }

  expect(order.indexOf('rebuild-machine')).toBeLessThan(order.indexOf('install-local-store'))
  expect(order.indexOf('restore-file-store')).toBeLessThan(order.indexOf('enable-topology'))
  expect(await flags()).toEqual([server])
  const at = new Date().toISOString()
  await declare(said, { finished: { by: 'Jane', at, note: 'users see their contacts' } })
  await until(async () => ((await flags()).length === 0 ? true : undefined))
}, 400_000)
