/**
 * What is lost comes back by the runbook: it says what is next, the hands of the lab do it, and a commit says what nothing can
 * see. The daemon sees all of it through its real drivers; with `run: holdfast` it runs its own steps, and no hand does.
 */
import { readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import type { Snapshot } from '../../src/domain/plan.ts'
import type { Step } from '../../src/domain/runbook.ts'
import { act, change, contentOf } from '../../src/lab/lab.ts'
import { openDrivenLab, type DrivenLab } from '../support/driven-lab.ts'
import { publishedShapes } from '../../src/views/published.ts'
import type { StoryLoss } from '../../src/views/story/shape.ts'
import { git } from '../support/lab.ts'
import { holdfast } from '../support/terminal.ts'

let driven: DrivenLab
beforeAll(async () => {
  driven = await openDrivenLab()
})
afterAll(async () => {
  await driven[Symbol.asyncDispose]()
})

type Act = readonly [kind: string, subject: string, detail?: string]

/** What hands do for each step (domain reference, sections 6.2 to 6.10); a step that is not here is only said. */
function handsOf(step: Step, copyOf: (part: string) => string): Act[] {
  const { id, subject } = step
  switch (id) {
    case 'rebuild-machine':
      return [
        ['install-windows', subject],
        ['join-domain', subject],
      ]
    case 'restore-certificates':
      return [[id, subject, 'from-pfx']]
    case 'create-databases':
      // Who restores needs sysadmin on the instance: granted for that time (docs/how-to/sql-rights.md).
      return [
        [id, subject],
        ['grant-sysadmin', subject],
      ]
    case 'share-file-store':
      return [['share-folder', subject]]
    case 'restore-file-store':
      return [['copy-file-store', subject, copyOf(`file-stores/${subject.slice(2).replace('\\', '_').toLowerCase()}`)]]
    case 'enable-topology':
      return [[id, 'contoso']]
    case 'download-topology':
      return [
        [id, 'contoso'],
        ['publish-topology', 'contoso'],
      ]
    case 'install-local-store':
      return [['install-local-configuration-store', subject]]
    case 'install-components':
      return [['setup-components', subject]]
    case 'assign-certificates':
    case 'apply-updates':
    case 'stop-services':
    case 'start-services':
      return [[id, subject]]
    case 'start-server':
      return [['start-services', subject]]
    case 'import-user-data':
      return [[id, subject, copyOf(`pools/${subject}/user-data.zip`)]]
    case 'import-response-groups':
      return [[id, subject, copyOf(`pools/${subject}/response-groups.zip`)]]
    default:
      return []
  }
}

/** `file-stores/se01...`: the artefact of that path in the newest set that holds it. */
async function copies(): Promise<(part: string) => string> {
  const share = driven.config.pathMap.find(({ unc }) => /backup/i.test(unc))?.local ?? ''
  const sets = ['nightly', 'file-stores'].map(async (policy) => {
    const names = (await readdir(join(share, policy))).filter((name) => /^\d{8}T/.test(name)).sort()
    return [policy, join(share, policy, names.at(-1) ?? '', 'data')] as const
  })
  const folders = new Map(await Promise.all(sets))
  return (part) => join(folders.get(part.startsWith('file-stores') ? 'file-stores' : 'nightly') ?? '', part)
}

function localOf(unc: string): string {
  const { local = '', unc: prefix = '' } = driven.config.pathMap.find((one) => unc.startsWith(one.unc)) ?? {}
  return local + unc.slice(prefix.length).replaceAll('\\', '/')
}

/** The second line of the step, by hand: a set writes `%` and `=` of a name as `=25` and `=3D`. */
async function giveNamesBack(folder: string): Promise<void> {
  for (const name of (await readdir(folder, { recursive: true })).filter((one) => /=[0-9A-F]{2}/.test(one)))
    await rename(join(folder, name), join(folder, name.replaceAll('=25', '%').replaceAll('=3D', '=')))
}

/** Skipped by rule: what a meeting that runs is shown (domain reference, section 3.2). */
function withoutLiveMeetings(content: unknown): unknown {
  return JSON.parse(JSON.stringify(content), (key, value: unknown) => (/Meeting\.Active/.test(key) ? undefined : value))
}

interface Said {
  step: string
  subject: string
  by: string
  at: string
}

/** Forks that nothing sees, and the way that is taken here. */
const ways: Readonly<Record<string, string>> = { 'check-fabric': 'serves' }

async function declare(server: string, scenario: string, said: readonly Said[], more = {}): Promise<void> {
  const spec = {
    ...{ server, scenario },
    acknowledge: said.filter(({ step }) => ways[step] === undefined),
    choose: said.flatMap((word) => (ways[word.step] === undefined ? [] : [{ ...word, branch: ways[word.step] }])),
    ...more,
  }
  const text = stringify({ apiVersion: 'holdfast/v1', kind: 'Recovery', metadata: { name: 'lost' }, spec })
  const { clone } = driven.lab.paths
  await writeFile(join(clone, 'desired-state', 'recovery.yaml'), text)
  await git(clone, 'add', '--all')
  await git(clone, 'commit', '--message', `Restore ${server}`)
  await git(clone, 'push', '--quiet')
}

async function storyOf(state: string): Promise<StoryLoss> {
  const config = join(driven.folder, 'story.yaml')
  await writeFile(config, (await readFile(driven.lab.config, 'utf8')).replace(/^state: .*$/m, `state: ${state}`))
  const { code, err, json } = await holdfast(
    driven.folder,
    ...['audit', 'story', 'lost', '--config', config, '--output', 'json'],
  )
  expect(code, err).toBe(0)
  const { losses } = publishedShapes['audit-story'].parse(json())
  if (losses.length !== 1 || !losses[0]) throw new Error(`it tells of ${losses.length} losses`)
  return losses[0]
}

const isService = (step: string | null): boolean => step?.endsWith('-services') ?? false

/** What Holdfast runs, in the order of the procedure (domain reference, sections 6.4 and 6.8). */
function ranFor(scenario: string): string[] {
  if (scenario !== 'standard-edition') return ['restore-databases']
  return ['restore-file-store', 'stop-services', 'import-user-data', 'start-services', 'import-response-groups']
}

const standardEdition = ['se01.contoso.com', String.raw`\\se01.contoso.com\LyncShare`] as const

test.each([
  ['se01.contoso.com', 'standard-edition', 'guide', standardEdition],
  ['se01.contoso.com', 'standard-edition', 'holdfast', standardEdition],
  ['fe01.contoso.com', 'member-server', 'guide', []],
  [String.raw`sql05.contoso.com/LcsCDR`, 'archiving-monitoring', 'holdfast', [String.raw`sql05.contoso.com/LcsCDR`]],
] as const)(
  '%s comes back step by step (%s, run: %s), with what it held',
  async (server, scenario, run, holders) => {
    const copyOf = await copies()
    const content = () => withoutLiveMeetings(holders.map((subject) => contentOf(driven.folder, subject)))
    const before = content()
    await using daemon = await driven.watcher()
    await daemon.after(0)
    const [kind, detail] = server.includes('/') ? ['database', 'lost'] : ['server', null]
    await change(driven.folder, 'break', { kind, subject: server, detail })
    let last: Snapshot = await daemon.after(60)
    last = await daemon.after(16 * 60)
    expect(last.plan.flags.map(({ subject }) => subject)).toEqual([server])

    const said: Said[] = []
    const acted: string[] = []
    const isOver = (): boolean =>
      (last.plan.runbooks[0]?.steps ?? []).every(({ state }) => state === 'done' || state === 'ended')
    for (let round = 0; !isOver(); round++) {
      const steps = last.plan.runbooks[0]?.steps ?? []
      // What was done is seen within minutes, or said where nothing can see it.
      if (round > 60) throw new Error(`it does not end: ${JSON.stringify(steps, null, 1)}`)
      const told = said.length
      for (const step of steps.filter(({ state }) => state === 'ready')) {
        if (run === 'holdfast' && step.run) continue
        const { id, subject, isAcknowledgeable } = step
        const isSaid = said.some((one) => one.step === id && one.subject === subject)
        if (isAcknowledgeable && !isSaid && (acted.includes(id) || handsOf(step, copyOf).length === 0))
          said.push({ step: id, subject, by: 'Jane', at: daemon.now })
        if (acted.includes(id)) continue
        for (const [kind, about, detail = null] of handsOf(step, copyOf))
          await act(driven.folder, { kind, subject: about, detail }, driven.folder)
        if (id === 'restore-file-store') await giveNamesBack(localOf(subject))
        acted.push(id)
      }
      if (said.length > told || round === 0) await declare(server, scenario, said, { run })
      last = await daemon.after(60)
      if (run === 'holdfast') last = await daemon.runsRecoveries()
    }

    if (kind === 'server') expect(acted.indexOf('rebuild-machine')).toBeLessThan(acted.indexOf('install-local-store'))
    expect(content()).toEqual(before)
    if (holders.length > 0 && run === 'guide') {
      // No look proves an import: somebody says so (ADR 0029).
      expect(last.plan.flags.map(({ subject }) => subject)).toEqual([server])
      await declare(server, scenario, said, { finished: { by: 'Jane', at: daemon.now } })
      last = await daemon.after(60)
    }
    expect(last.plan.flags).toEqual([])

    const story = await storyOf(daemon.state)
    expect(story).toMatchObject({
      ...{ server, scenario, ended: { how: last.desired.recoveries[0]?.finished ? 'finished' : 'closed' } },
      merged: expect.arrayContaining([expect.objectContaining({ run, author: 'Contoso Lab' })]) as unknown,
    })
    expect(story.seconds).toBeGreaterThan(16 * 60)
    const ran = story.runs.filter(({ outcome }) => outcome === 'done')
    expect(ran.map(({ step }) => step)).toEqual(run === 'guide' ? [] : ranFor(scenario))
    expect(ran.every(({ seconds, set, step }) => seconds !== null && (set !== null || isService(step)))).toBe(true)
    const [image] = story.steps.filter(({ step }) => step === 'take-image')
    if (image) expect(image.changes.at(-1)).toMatchObject({ state: 'done', how: 'said', by: 'Jane' })
  },
  300_000,
)
