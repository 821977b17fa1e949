import { beforeAll, describe, expect, it } from 'vitest'
import type { Desired, Recovery } from '../../../src/domain/model.ts'
import type { Plan } from '../../../src/domain/plan.ts'
import type { Step } from '../../../src/domain/runbook.ts'
import { contoso } from '../../support/contoso.ts'
import { healthyServers, wipe } from '../../support/servers.ts'
import { Watch } from '../../support/watch.ts'

// A runbook ticks itself as the world changes (domain reference, sections 6.4, 6.6, 6.7 and 8.5).
const grace = 15 * 60
const se01 = 'se01.contoso.com'
const rtc = String.raw`se01.contoso.com\rtc`
const share = String.raw`\\se01.contoso.com\LyncShare`

let desired: Desired
beforeAll(async () => {
  desired = await contoso()
})

function recover(
  watch: Watch,
  server: string,
  scenario: Recovery['scenario'],
  acknowledged: string[],
  more = {},
): void {
  const said = { subject: null, by: 'Jane', at: watch.now, note: null }
  const recovery: Recovery = {
    ...{
      name: 'r',
      file: 'r.yaml',
      server,
      scenario,
      from: 'latest',
      run: 'guide',
      accept: [],
      choose: [],
      finished: null,
    },
    acknowledge: acknowledged.map((step) => ({ step, ...said })),
    ...more,
  }
  Object.assign(watch, { desired: { ...watch.desired, recoveries: [recovery] } })
}

const runbook = ({ runbooks }: Plan) => {
  const [only, ...others] = runbooks
  expect(others).toEqual([])
  return only!
}
const steps = (plan: Plan, subject?: string): Record<string, string> =>
  Object.fromEntries(
    runbook(plan)
      .steps.filter((step) => subject === undefined || step.subject === subject)
      .map(({ id, state }) => [id, state]),
  )
const step = (plan: Plan, id: string): Step => runbook(plan).steps.find((one) => one.id === id)!
const codes = ({ findings }: Plan): string[] =>
  findings.map(({ code }) => code).filter((code) => /^recovery|^acknow/.test(code))

describe('an Edge Server', () => {
  const edge = 'edge01.contoso.com'
  const rebuilt = (plan: Plan) => step(plan, 'rebuild-machine')

  it('whose replica reported after the loss, and then no more, is lost again within an hour', () => {
    const watch = new Watch(desired).off('edge01')
    watch.after(grace + 120)
    recover(watch, edge, 'member-server', ['check-surroundings', 'check-restore-rights', 'rebuild-machine'])
    expect(rebuilt(watch.after(60))).toMatchObject({ state: 'done', proof: { how: 'said' } })

    // Setup has come to its replica; no port answers yet.
    watch.machine('edge01').rolePorts = []
    watch.on('edge01')
    expect(rebuilt(watch.after(120))).toMatchObject({ state: 'done', proof: { how: 'seen' } })
    watch.off('edge01')
    expect(rebuilt(watch.after(50 * 60)).state).toBe('done')
    const again = watch.after(15 * 60)
    expect(rebuilt(again)).toMatchObject({
      state: 'ready',
      evidence: expect.stringContaining('nobody else sees it') as unknown,
    })
    expect(codes(again)).toEqual(['acknowledgement-disputed'])

    // From inside nothing is seen of it again: somebody says so.
    recover(watch, edge, 'member-server', ['check-surroundings', 'check-restore-rights', 'rebuild-machine'])
    expect(rebuilt(watch.after(60))).toMatchObject({ state: 'done', proof: { how: 'said' } })
    expect(rebuilt(watch.after(3 * 3600)).state).toBe('done')
  })
})

describe('a Standard Edition server', () => {
  it('comes back step by step, as it is seen', () => {
    const watch = new Watch(desired).off('se01')
    const flagged = watch.after(grace + 60)
    expect(runbook(flagged)).toMatchObject({ subject: se01, scenario: 'standard-edition', recovery: null })
    expect(steps(flagged)).toMatchObject({ 'check-surroundings': 'ready', 'check-restore-rights': 'ready' })
    const prepared = ['check-surroundings', 'check-restore-rights', 'restore-certificates', 'take-image']
    recover(watch, se01, 'standard-edition', prepared)

    const dead = watch.after(60)
    expect(runbook(dead).recovery).toBe('r')
    expect(steps(dead)).toMatchObject({
      'check-surroundings': 'done',
      'rebuild-machine': 'ready',
      'take-image': 'waiting',
    })
    expect(step(dead, 'rebuild-machine').evidence).toBe(
      'It answers on no port of its role, SMB or SQL Server, and nobody else sees it.',
    )

    watch.on('se01')
    wipe(watch.world, se01)
    Object.assign(watch.world.shares.get(share)!, { there: false })
    const clean = watch.after(60)
    expect(steps(clean)).toMatchObject({ 'rebuild-machine': 'done', 'take-image': 'done', 'share-file-store': 'ready' })

    Object.assign(watch.world.shares.get(share)!, { there: true })
    const shared = watch.after(60)
    expect(steps(shared)).toMatchObject({ 'share-file-store': 'done', 'restore-file-store': 'ready' })
    // An empty share is seen: no word that it was restored stands against that.
    recover(watch, se01, 'standard-edition', [...prepared, 'restore-file-store'])
    const claimed = watch.after(60)
    expect(steps(claimed)).toMatchObject({ 'restore-file-store': 'blocked', 'enable-topology': 'waiting' })
    expect(codes(claimed)).toEqual(['acknowledgement-disputed'])

    Object.assign(watch.world.shares.get(share)!, { folders: ['1-WebServices-1'], entries: 40 })
    const enabled = [...prepared, 'restore-file-store', 'enable-topology', 'download-topology']
    recover(watch, se01, 'standard-edition', enabled)
    expect(steps(watch.after(60))).toMatchObject({ 'download-topology': 'done', 'install-local-store': 'ready' })

    watch.machine('se01').services.set('REPLICA', 'Running')
    expect(steps(watch.after(60))).toMatchObject({ 'install-local-store': 'done', 'install-components': 'ready' })

    const whole = healthyServers(desired)
    watch.world.hosts.set(se01, whole.hosts.get(se01)!)
    for (const name of watch.machine('se01').services.keys()) watch.machine('se01').services.set(name, 'Stopped')
    expect(steps(watch.after(60))).toMatchObject({ 'install-components': 'ready', 'assign-certificates': 'waiting' })
    watch.world.instances.set(rtc, whole.instances.get(rtc)!)
    const installed = watch.after(60)
    expect(steps(installed)).toMatchObject({ 'rebuild-machine': 'done', 'install-components': 'done' })
    expect(step(installed, 'assign-certificates')).toMatchObject({ state: 'ready', isAcknowledgeable: true })
    expect(step(installed, 'start-server').evidence).toMatch(/^RTCSRV is Stopped, /)
  })

  it('of which a database is lost again goes back to its setup, and what was said after that does not count any more', () => {
    const watch = new Watch(desired).off('se01')
    watch.after(grace + 60)
    watch.on('se01')
    wipe(watch.world, se01)
    const said = [
      'check-surroundings',
      'check-restore-rights',
      'restore-certificates',
      'take-image',
      'restore-file-store',
    ]
    recover(watch, se01, 'standard-edition', [...said, 'enable-topology', 'download-topology', 'assign-certificates'])
    watch.after(60)
    const whole = healthyServers(desired)
    const instance = whole.instances.get(rtc)!
    instance.databases = instance.databases.map((one) => ({ ...one, createdAt: watch.now }))
    watch.world.hosts.set(se01, whole.hosts.get(se01)!)
    watch.world.instances.set(rtc, instance)
    for (const one of watch.world.shares.keys()) watch.world.shares.set(one, whole.shares.get(one)!)
    recover(watch, se01, 'standard-edition', [
      ...[...said, 'enable-topology', 'download-topology', 'assign-certificates', 'apply-updates', 'update-databases'],
      'start-server',
    ])
    expect(steps(watch.after(60))).toMatchObject({ 'install-components': 'done', 'update-databases': 'done' })

    const { databases } = instance
    instance.databases = databases.map((one) => ({ ...one, state: 'RECOVERING' }))
    expect(steps(watch.after(60))).toMatchObject({ 'install-components': 'done', 'update-databases': 'done' })
    instance.databases = databases.filter(({ name }) => name !== 'rtcxds')
    const lost = watch.after(60)
    expect(step(lost, 'install-components')).toMatchObject({ state: 'ready', evidence: `${rtc} has no rtcxds.` })
    instance.databases = databases
    expect(steps(watch.after(60))).toMatchObject({ 'install-components': 'done', 'update-databases': 'waiting' })
  })

  const stripped = (): Watch => {
    const watch = new Watch(desired)
    const { services } = watch.machine('se01')
    for (const name of services.keys()) if (name !== 'REPLICA') services.delete(name)
    watch.machine('se01').rolePorts = []
    const flagged = watch.after(grace + 60)
    expect(flagged.flags).toMatchObject([{ subject: se01, seen: ['half-built'] }])
    const first = ['check-surroundings', 'check-restore-rights', 'restore-certificates', 'take-image']
    recover(watch, se01, 'standard-edition', [...first, 'restore-file-store', 'assign-certificates'])
    expect(steps(watch.after(60))).toMatchObject({ 'take-image': 'done', 'install-components': 'waiting' })
    return watch
  }

  it('that lost its role alone, and then a database: what was said before that does not count any more', () => {
    const watch = stripped()
    const instance = watch.world.instances.get(rtc)!
    const { databases } = instance
    instance.databases = databases.filter(({ name }) => name !== 'rtcxds')
    const lost = watch.after(60)
    expect(step(lost, 'assign-certificates').lostAgainAt).toBe(step(lost, 'install-components').lostAgainAt)
    expect(step(lost, 'install-components').lostAgainAt).toBeDefined()
    expect(step(lost, 'take-image').lostAgainAt).toBeUndefined()
  })

  it('that lost its role alone, and then is made anew: no image of it is there, whoever said so before', () => {
    const watch = stripped()
    wipe(watch.world, se01)
    const anew = watch.after(60)
    expect(steps(anew)).toMatchObject({
      'rebuild-machine': 'done',
      'restore-certificates': 'ready',
      'take-image': 'waiting',
    })
    expect(step(anew, 'check-surroundings').state).toBe('done')
  })

  it('that dies again in the middle goes back, and what was said before that does not count any more', () => {
    const watch = new Watch(desired).off('se01')
    watch.after(grace + 60)
    const prepared = ['check-surroundings', 'check-restore-rights', 'restore-certificates', 'take-image']
    recover(watch, se01, 'standard-edition', prepared)
    watch.on('se01')
    wipe(watch.world, se01)
    expect(steps(watch.after(60))).toMatchObject({ 'rebuild-machine': 'done', 'take-image': 'done' })
    watch.off('se01')
    const again = watch.after(600)
    expect(steps(again)).toMatchObject({
      ...{ 'check-surroundings': 'done', 'rebuild-machine': 'ready', 'take-image': 'waiting' },
    })
    watch.on('se01')
    const back = watch.after(120)
    expect(steps(back)).toMatchObject({
      'rebuild-machine': 'done',
      'restore-certificates': 'ready',
      'take-image': 'waiting',
    })
    expect(codes(back)).toEqual(['acknowledgement-disputed'])
    recover(watch, se01, 'standard-edition', prepared)
    expect(steps(watch.after(60))).toMatchObject({ 'restore-certificates': 'done', 'take-image': 'done' })
  })

  it('that cannot be seen for a while stays as it was last seen', () => {
    const watch = new Watch(desired).off('se01')
    watch.after(grace + 60)
    recover(watch, se01, 'standard-edition', ['check-surroundings', 'check-restore-rights'])
    watch.on('se01')
    wipe(watch.world, se01)
    watch.after(60)
    watch.world.network = false
    const dark = watch.after(300)
    expect(step(dark, 'rebuild-machine')).toMatchObject({
      state: 'done',
      evidence: 'It answers and has no Lync services.',
    })
    expect(step(dark, 'rebuild-machine').lastSeenAt).toBeDefined()
  })

  it('that answers again with all that it had was never seen clean: its rebuild is not taken for done', () => {
    const watch = new Watch(desired).off('se01')
    watch.after(grace + 60)
    recover(watch, se01, 'standard-edition', ['check-surroundings'])
    watch.on('se01')
    watch.world.instances.get(String.raw`se01.contoso.com\rtc`)!.running = false
    const back = watch.after(60)
    expect(step(back, 'rebuild-machine')).toMatchObject({ state: 'ready', isAcknowledgeable: true })
  })
})

describe('a word', () => {
  const prepared = ['check-surroundings', 'check-restore-rights', 'take-image']
  const rebuilding = (): Watch => {
    const watch = new Watch(desired).off('se01')
    watch.after(grace + 60)
    watch.on('se01')
    wipe(watch.world, se01)
    return watch
  }

  it('for a step that Holdfast runs stands for nothing, and that is told', () => {
    const watch = rebuilding()
    const words = [...prepared, 'restore-certificates', 'import-user-data']
    recover(watch, se01, 'standard-edition', words, { run: 'holdfast' })
    const made = watch.after(60)
    expect(step(made, 'import-user-data').state).toBe('waiting')
    expect(made.findings.find(({ code }) => code === 'acknowledgement-disputed')?.message).toMatch(
      /^In Recovery r, what does not count: import-user-data: Jane said so as of .*, and Holdfast runs it: no word stands for that\.$/,
    )
    recover(watch, se01, 'standard-edition', words)
    expect(codes(watch.after(60))).toEqual([])
  })

  it('that is taken out of Git counts no more, also of what is passed through', () => {
    const watch = rebuilding()
    recover(watch, se01, 'standard-edition', [...prepared, 'restore-certificates'])
    watch.after(60)
    const later = watch.after(60)
    expect(step(later, 'restore-certificates')).toMatchObject({ state: 'done', proof: { how: 'said', by: 'Jane' } })
    recover(watch, se01, 'standard-edition', prepared)
    expect(step(watch.after(60), 'restore-certificates').state).toBe('ready')
  })
})

describe('a member server', () => {
  it('runs again when its services do and its ports answer, and then is flagged no more', () => {
    const watch = new Watch(desired).off('fe01')
    watch.after(grace + 60)
    recover(watch, 'fe01.contoso.com', 'member-server', [])
    expect(steps(watch.after(60))).toMatchObject({ 'rebuild-machine': 'waiting', 'start-server': 'waiting' })
    watch.on('fe01')
    const healthy = watch.after(120)
    expect(healthy.runbooks).toEqual([])
    expect(codes(healthy)).toEqual(['recovery-not-lost'])
  })
})

describe('what was never seen done when the flag closed', () => {
  function closed(acknowledged: string[]) {
    const watch = new Watch(desired).off('fe01')
    watch.after(grace + 60)
    recover(watch, 'fe01.contoso.com', 'member-server', acknowledged)
    watch.after(60)
    watch.on('fe01')
    return { watch, plan: watch.after(120) }
  }
  const left = ({ findings }: Plan) => findings.find(({ code }) => code === 'recovery-steps-left')

  it('is told until the Recovery is finished', () => {
    const { watch, plan } = closed(['check-surroundings'])
    expect(codes(plan)).toEqual(['recovery-steps-left'])
    expect(left(plan)).toMatchObject({ subject: 'fe01.contoso.com', severity: 'warning' })
    expect(left(plan)?.observed).toContain('rebuild-machine')
    expect(left(plan)?.observed).not.toContain('check-surroundings')
    expect(left(watch.after(3600))).toEqual(left(plan))
    recover(watch, 'fe01.contoso.com', 'member-server', [], { finished: { by: 'Jane', at: watch.now, note: null } })
    expect(codes(watch.after(60))).toEqual([])
  })

  it('is not told of another Recovery, nor where the server came back before anybody did anything', () => {
    const { watch } = closed(['check-surroundings'])
    recover(watch, 'fe01.contoso.com', 'member-server', [], { name: 'other' })
    expect(codes(watch.after(60))).toEqual(['recovery-not-lost'])
    expect(codes(closed([]).plan)).toEqual(['recovery-not-lost'])
  })

  const leftover = ({ leftovers = [] }: Plan) => {
    const [only, ...others] = leftovers
    expect(others).toEqual([])
    return Object.fromEntries((only?.steps ?? []).map(({ id, state }) => [id, state]))
  }
  const all = (plan: Plan): string[] => plan.leftovers?.[0]?.steps.map(({ id }) => id) ?? []

  it('goes on ticking itself, until all of it is done', () => {
    const { watch, plan } = closed(['check-surroundings', 'check-restore-rights'])
    expect(leftover(plan)).toMatchObject({ 'check-surroundings': 'done', 'rebuild-machine': 'ready' })
    recover(watch, 'fe01.contoso.com', 'member-server', [
      'check-surroundings',
      'check-restore-rights',
      'rebuild-machine',
    ])
    const said = watch.after(60)
    expect(leftover(said)).toMatchObject({ 'rebuild-machine': 'done', 'restore-certificates': 'ready' })
    expect(left(said)?.observed).not.toContain('rebuild-machine')

    // A reboot undoes nothing of it.
    watch.off('fe01')
    expect(leftover(watch.after(300))).toMatchObject({ 'rebuild-machine': 'done', 'restore-certificates': 'ready' })
    watch.on('fe01')
    const choose = [{ step: 'check-fabric', branch: 'serves', subject: null, by: 'Jane', at: watch.now, note: null }]
    recover(watch, 'fe01.contoso.com', 'member-server', all(said), { choose })
    watch.after(300)
    expect(watch.last.leftovers ?? []).toEqual([])
    expect(codes(watch.last)).toEqual(['recovery-not-lost'])
  })

  it('is run by nobody', () => {
    const watch = new Watch(desired).off('se01')
    watch.after(grace + 60)
    recover(watch, se01, 'standard-edition', ['check-surroundings'], { run: 'holdfast' })
    watch.after(60)
    watch.on('se01')
    const over = watch.after(120)
    const runs = over.leftovers?.[0]?.steps.flatMap(({ run }) => run ?? []) ?? []
    expect(runs.length).toBeGreaterThan(3)
    expect(runs.map(({ refused }) => refused.map(({ gate }) => gate))).toEqual(runs.map(() => ['not-flagged']))
    expect(over.actions.filter(({ kind }) => kind === 'recovery-step')).toEqual([])
  })

  it('of which nothing is known any more begins anew when the server is lost again', () => {
    const { watch } = closed(['check-surroundings', 'check-restore-rights', 'rebuild-machine'])
    watch.off('fe01')
    const again = watch.after(grace + 60)
    expect(steps(again)).toMatchObject({ 'check-surroundings': 'ready', 'rebuild-machine': 'waiting' })
    expect(again.leftovers ?? []).toEqual([])
  })

  it('gives way to a new flag', () => {
    const { watch } = closed(['check-surroundings'])
    watch.off('fe01')
    const again = watch.after(grace + 60)
    expect(again.flags).toHaveLength(1)
    expect(left(again)).toBeUndefined()
  })
})

describe('a mirror partner', () => {
  const mirror = 'sql12.contoso.com'
  const lose = (): Watch => {
    const watch = new Watch(desired)
    wipe(watch.world, mirror)
    watch.after(grace + 60)
    return watch
  }
  const say = (watch: Watch, branch: string) => ({
    choose: [{ step: 'find-principal', branch, subject: null, by: 'Jane', at: watch.now, note: null }],
  })

  it('that was the mirror leaves a principal: what another way would do is ended', () => {
    const watch = lose()
    recover(watch, mirror, 'mirror-partner', ['check-surroundings', 'check-restore-rights'])
    const seen = watch.after(60)
    expect(steps(seen)).toMatchObject({
      ...{ 'find-principal': 'done', 'fail-over-mirror': 'ended', 'point-pool-at-survivor': 'ended' },
      ...{ 'uninstall-mirror': 'ready', 'create-mirror': 'waiting' },
    })
    expect(step(seen, 'uninstall-mirror').evidence).toMatch(/ are in a session with the lost partner\.$/)
  })

  it('and a word against what is seen leaves the way open', () => {
    const watch = lose()
    recover(watch, mirror, 'mirror-partner', ['check-surroundings'], say(watch, 'principal-lost'))
    const disputed = watch.after(60)
    expect(steps(disputed)).toMatchObject({
      ...{ 'find-principal': 'blocked', 'fail-over-mirror': 'waiting', 'uninstall-mirror': 'waiting' },
    })
    expect(step(disputed, 'find-principal').evidence).toContain('But sql11.contoso.com\\rtc is principal')
  })
})

describe('a Recovery that does not fit', () => {
  it('names another scenario, a set that no location holds, a step that its procedure does not have', () => {
    const watch = new Watch(desired).off('fe01')
    watch.after(grace + 60)
    recover(watch, 'fe01.contoso.com', 'standard-edition', ['fail-back-pool'], {
      from: 'nightly/20260310T020000Z-aaaa',
    })
    const { findings } = watch.after(60)
    expect(findings.find(({ code }) => code === 'recovery-mismatch')).toMatchObject({
      ...{ subject: 'fe01.contoso.com', severity: 'warning' },
      message:
        'Recovery r does not fit: it names the scenario standard-edition, and the loss calls for member-server; no location holds the set nightly/20260310T020000Z-aaaa; its procedure has no step fail-back-pool.',
    })
  })

  it('is for a server that is not lost', () => {
    const watch = new Watch(desired)
    recover(watch, 'fe01.contoso.com', 'member-server', [])
    const { findings } = watch.after(60)
    expect(findings.find(({ code }) => code === 'recovery-not-lost')?.message).toBe(
      'Recovery r is for fe01.contoso.com, which is not flagged: nothing of it is to be restored.',
    )
    recover(watch, 'fe01.contoso.com', 'member-server', [], { finished: { by: 'Jane', at: watch.now, note: null } })
    expect(codes(watch.after(60))).toEqual([])
  })
})
