import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { driftShape } from '../../src/views/drift.ts'
import { explainShape } from '../../src/views/explain/explain.ts'
import { planShape } from '../../src/views/plan.ts'
import { recoverabilityShape } from '../../src/views/recoverability.ts'
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

  test('explain and recoverability of a name that is not there name the one that was meant', async () => {
    for (const command of ['explain', 'recoverability']) {
      const { code, out, err } = await holdfast(folder, command, 'se02.contoso.com')
      expect([code, out]).toEqual([2, ''])
      expect(err).toMatch(/\[unknown-subject\]\n {2}Did you mean se01\.contoso\.com\?/)
    }
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
    expect(markdown).toContain('1. Make sure')
    expect(markdown).toContain('   Import-CsUserData -PoolFqdn')
  })
})
