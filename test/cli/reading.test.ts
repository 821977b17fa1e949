import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { planShape } from '../../src/views/plan.ts'
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
    expect(out).toContain('| pool | se01.contoso.com | site: Berlin | site: Munich |')
  })

  test('plan of an invalid revision names file, line and column; of an unknown one, its name', async () => {
    const broken = await holdfast(folder, 'plan', '--revision', 'broken')
    expect(broken.code).toBe(2)
    expect(broken.err).toMatch(/contoso\.yaml:\d+:\d+: /)
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
    expect(setsShape.parse((await holdfast(folder, 'sets', '--output', 'json')).json())).toEqual({ sets: [] })
    expect(await holdfast(folder, 'sets')).toMatchObject({ code: 0, out: 'There is no set yet.\n' })
    expect(await holdfast(folder, 'sets', 'nightly/x')).toMatchObject({ code: 2, out: '' })
  })
})
