import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { driftShape } from '../../src/views/drift.ts'
import { errorPageShape } from '../../src/views/error-page.ts'
import { explainShape } from '../../src/views/explain/explain.ts'
import { planShape } from '../../src/views/plan.ts'
import { recoverabilityShape } from '../../src/views/recoverability.ts'
import { runbookShape } from '../../src/views/runbook.ts'
import { setsShape } from '../../src/views/sets.ts'
import { statusShape } from '../../src/views/status.ts'
import { smallDeployment } from '../support/desired-files.ts'
import { makeRepository } from '../support/repository.ts'
import { holdfast } from '../support/terminal.ts'

// No server answers here and no daemon ever ran: Git and an empty share are all there is.
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-reading-'))
  const repository = makeRepository(join(folder, 'repository'))
  repository.commit({ 'contoso.yaml': smallDeployment })
  repository.git('switch', '--quiet', '--create', 'feature')
  repository.commit({ 'contoso.yaml': smallDeployment.replace('site: Berlin', 'site: Munich') })
  repository.git('switch', '--quiet', '--create', 'broken')
  repository.commit({ 'contoso.yaml': smallDeployment.replace('site:', 'sight:') })
  repository.git('switch', '--quiet', 'main')
  mkdirSync(join(folder, 'share'))
  const map = String.raw`pathMap: { '\\backup01.contoso.com\LyncBackup': ./share }`
  const git = 'git: { url: ./repository, branch: main, path: . }'
  writeFileSync(join(folder, 'holdfast.yaml'), `${git}\nstate: ./state.db\n${map}\n`)
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe('without a daemon, from Git and the share alone', () => {
  test('plan tells the first run', async () => {
    const { code, err, json } = await holdfast(folder, 'plan', '--output', 'json')
    expect([code, err]).toEqual([0, ''])
    expect(planShape.parse(json()).actions).toMatchObject([{ kind: 'create-backup-set', cause: 'scheduled' }])
  })

  test('plan shows what a branch changes, with an exit code for pipelines', async () => {
    const line = ['plan', '--revision', 'feature', '--base', 'main', '--detailed-exit-code']
    const { code, out } = await holdfast(folder, ...line, '--output', 'markdown')
    expect(code).toBe(5)
    expect(out).toContain('This change alters the pool se01.contoso.com.')
    expect(out).toContain('~ pool se01.contoso.com: site Berlin -> Munich\n')
  })

  test('plan of an invalid revision names file, line and column; of an unknown one, its name', async () => {
    const broken = await holdfast(folder, 'plan', '--revision', 'broken')
    expect(broken.code).toBe(2)
    expect(broken.err).toMatch(/contoso\.yaml:\d+:\d+: /)
    const comment = await holdfast(folder, 'plan', '--revision', 'broken', '--base', 'main', '--output', 'markdown')
    expect(comment.code).toBe(2)
    expect(comment.out).toMatch(
      /^## Holdfast has no plan\n\nThe desired state of [0-9a-f]{12} is not valid\.\n\n- contoso\.yaml:20:7: spec\.site: is missing\. Add it\./,
    )
    const unknown = await holdfast(folder, 'plan', '--base', 'nowhere')
    expect([unknown.code, unknown.out]).toEqual([2, ''])
    expect(unknown.err).toContain('[revision-unknown]')
  })

  test('status has every promise, item and server', async () => {
    const view = statusShape.parse((await holdfast(folder, 'status', '--output', 'json')).json())
    expect(view.conditions.find(({ type }) => type === 'LocationReady')).toMatchObject({ status: 'true' })
    expect(view.items.every(({ recoveryPoint }) => recoveryPoint === null)).toBe(true)
    expect(view.servers.map(({ fqdn }) => fqdn)).toEqual(['se01.contoso.com'])
    expect((await holdfast(folder, 'status')).out).toContain('Without any ok copy')
  })

  test('status --health fails', async () => {
    const { code, out } = await holdfast(folder, 'status', '--health')
    expect([code, out]).toEqual([1, 'No daemon holds the lease.\n'])
  })

  test('sets are none, and one that is asked for is not there', async () => {
    expect(setsShape.parse((await holdfast(folder, 'sets', '--output', 'json')).json())).toEqual({
      sets: [],
      unseen: [],
    })
    expect(await holdfast(folder, 'sets')).toMatchObject({ code: 0, out: 'There is no set yet.\n' })
    expect(await holdfast(folder, 'sets', 'nightly/x')).toMatchObject({ code: 2, out: '' })
  })

  test('drift has no finding, with an exit code for pipelines', async () => {
    const { code, out, json } = await holdfast(folder, 'drift', '--detailed-exit-code', '--output', 'json')
    const view = driftShape.parse(json())
    expect(code).toBe(view.findings.length > 0 ? 5 : 0)
    expect(view.coverage).toBeNull()
    expect(out).not.toBe('')
    expect((await holdfast(folder, 'drift')).code).toBe(0)
    expect((await holdfast(folder, 'drift')).out).toContain('The published topology is not known')
  })

  test('explain tells what is known, as text, JSON and Markdown', async () => {
    const { json } = await holdfast(folder, 'explain', 'SE01.contoso.com', '--output', 'json')
    expect(explainShape.parse(json()).subject).toBe('se01.contoso.com')
    expect((await holdfast(folder, 'explain', 'nightly')).out).toContain('The next run starts at')
    expect((await holdfast(folder, 'explain', 'nightly', '--output', 'markdown')).out).toContain('| FACT | VALUE |')
  })

  test('explain, recoverability and runbook of a name that is not there name the one that was meant', async () => {
    for (const command of ['explain', 'recoverability', 'runbook']) {
      const { code, out, err } = await holdfast(folder, command, 'se02.contoso.com')
      expect([code, out]).toEqual([2, ''])
      expect(err).toMatch(/\[unknown-subject\]\n {2}Did you mean se01\.contoso\.com\?/)
    }
  })

  test('a short host name does where it is unique', async () => {
    for (const command of ['explain', 'recoverability', 'runbook'])
      expect((await holdfast(folder, command, 'SE01')).out).toMatch(/^(If |Runbook of )?se01\.contoso\.com/)
  })

  test('a name that is near a code names the code', async () => {
    const { code, err } = await holdfast(folder, 'explain', 'item-faild')
    expect(code).toBe(2)
    expect(err).toContain('Did you mean item-failed?')
  })

  test('explain of a code shows its page, wherever it is asked', async () => {
    for (const typed of ['set-damaged', '[set-damaged]', 'Set-Damaged']) {
      const { code, out, err } = await holdfast(tmpdir(), 'explain', typed)
      expect([code, err]).toEqual([0, ''])
      expect(out).toMatch(/^set-damaged: a check found a set damaged\n\nA check of a set that was /)
      expect(out).toMatch(
        /\n\nWhat to do\n\n- `holdfast verify <set id>` names each file and what is wrong with it\.\n- /,
      )
      expect(out.split('\n').every((line) => line.length <= 80)).toBe(true)
    }
    const page = errorPageShape.parse((await holdfast(tmpdir(), 'explain', 'item-failed', '--output', 'json')).json())
    expect([page.code, page.title]).toEqual(['item-failed', 'an item could not be backed up'])
    expect(page.text).toMatch(/^In the newest set that has this item, .*\n\n## Why\n\n- /)
    const markdown = await holdfast(tmpdir(), 'explain', 'config-invalid', '--output', 'markdown')
    expect(markdown.out).toMatch(/^# config-invalid\n\n`holdfast\.yaml` cannot be used/)
    expect((await holdfast(tmpdir(), 'explain', 'config-invalid')).out).toContain('(docs/reference/holdfast-yaml.md)')
    expect((await holdfast(tmpdir(), 'explain', 'sql-tls-version')).out).toContain('(sql-old-tls) ')
  })

  test('sets of a policy that does not exist are an error that lists those that do', async () => {
    const { code, out, err } = await holdfast(folder, 'sets', '--policy', 'nope')
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain('[unknown-policy]\n  The policies are: nightly.')
    expect(await holdfast(folder, 'sets', '--policy', 'NIGHTLY')).toMatchObject({ code: 0 })
  })

  test('recoverability tells what has no copy, which steps would be needed, and what blocks', async () => {
    const { json } = await holdfast(folder, 'recoverability', '--output', 'json')
    expect(recoverabilityShape.parse(json()).subjects.map(({ server }) => server)).toEqual(['se01.contoso.com'])
    const all = (await holdfast(folder, 'recoverability')).out
    expect(all).toMatch(/se01\.contoso\.com +central-management +everything of 4 items +~\d+ h +\d\n/)
    expect(all).toMatch(/What blocks\n[^]*recovery-point-missing +se01\.contoso\.com\n/)
    expect(all.split('\n').every((line) => line.length <= 80)).toBe(true)
    const { out } = await holdfast(folder, 'recoverability', 'se01.contoso.com')
    expect(out).toMatch(/Without any ok copy[^]*recovery-point-missing[^]* 1\. Make sure/)
    const markdown = (await holdfast(folder, 'recoverability', 'se01.contoso.com', '--output', 'markdown')).out
    expect(`${out}${markdown}`).toMatch(/Import topology, policies and settings/)
    expect(`${out}${markdown}`).not.toContain('Holdfast can')
    expect(markdown).toContain('1. Make sure')
    expect(markdown).toContain('   Import-CsUserData -PoolFqdn')
  })

  test('runbook is the whole procedure, each step with why, what shows that it is done, and who says so', async () => {
    const of = async (...argv: string[]) => await holdfast(folder, 'runbook', 'se01.contoso.com', ...argv)
    const { code, err, json } = await of('--output', 'json')
    expect([code, err]).toEqual([0, ''])
    const { server, scenario, from, flag, estimateBasis, steps } = runbookShape.parse(json())
    expect([server, scenario, from, flag, estimateBasis]).toEqual([
      ...['se01.contoso.com', 'central-management', 'latest', null, 'rule of thumb'],
    ])
    const told = await of()
    for (const text of [told.out, (await of('--output', 'markdown')).out]) {
      expect(text.match(/^ *\d+\. /gm)).toHaveLength(steps.length)
      expect(text.match(/Why: /g)).toHaveLength(steps.length)
      expect(text.match(/Done when: /g)).toHaveLength(steps.length)
      expect(text.match(/Source: /g)).toHaveLength(steps.length)
      expect(text).toContain('A person does every step; Holdfast runs none.')
      expect(text).toContain('recovery-point-missing')
      expect(text).toMatch(/ {3,8}Import-CsUserData -PoolFqdn/)
    }
    const isCommand = (line: string): boolean => line.startsWith('        ')
    expect(told.out.split('\n').every((line) => line.length <= 80 || isCommand(line))).toBe(true)
  })

  test('runbook of what is lost together is one procedure; a name that is not there is named', async () => {
    const share = String.raw`\\se01.contoso.com\LyncShare`
    const { code, json } = await holdfast(folder, 'runbook', share, 'se01', '--output', 'json')
    const { server, also, scenario, steps } = runbookShape.parse(json())
    expect([code, server, also, scenario]).toEqual([0, share, ['se01.contoso.com'], 'central-management'])
    const names = steps.map(({ id, subject }) => `${id} ${subject}`)
    expect(names).toHaveLength(new Set(names).size)
    const wrong = await holdfast(folder, 'runbook', 'se01', 'se02.contoso.com')
    expect(wrong.code).toBe(2)
    expect(wrong.err).toMatch(/se02\.contoso\.com: .*\[unknown-subject\]/)
  })

  test('runbook needs the name of what is lost', async () => {
    const { code, out, err } = await holdfast(folder, 'runbook')
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain("missing required argument 'server'")
  })
})

test('a fault of the configuration names its file once', async () => {
  const file = join(folder, 'wrong.yaml')
  writeFileSync(file, 'git: { url: ./repository, brunch: main }\n')
  const { code, err } = await holdfast(folder, 'status', '--config', file)
  expect(code).toBe(2)
  expect(err.split(file)).toHaveLength(2)
  expect(err).toContain(`holdfast: ${file}: 1:27: git.brunch: `)
})
