/** What `holdfast restore --dry-run` offers to commit where the gate is shut: as it is printed, it opens the gate. */
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { restoreInWords } from '../../src/cli/restore-text.ts'
import type { Acceptance } from '../../src/domain/model.ts'
import { runbookInWords } from '../../src/cli/runbook-text.ts'
import { restoreView } from '../../src/views/restore.ts'
import { runbookView } from '../../src/views/runbook.ts'
import { database, planned, run, server, snapshotOf, together, type Change } from '../plan/recovery/rebuilt.ts'

const context = (output: 'text' | 'markdown') =>
  ({ output, terminal: { interactive: false, columns: 80, env: {} } }) as unknown as Parameters<
    typeof restoreInWords
  >[1]

function printed(change: Change, output: 'text' | 'markdown' = 'text'): string {
  return restoreInWords(restoreView({ ...snapshotOf(change), sets: [] }, server)!, context(output))
}

/** The YAML below the line that offers it. */
function offered(text: string): unknown {
  const yaml = /^To go on all the same.*\n([^]*?)\n(?:\n|What else)/m.exec(text)?.[1]
  return yaml === undefined ? null : parse(yaml)
}

const moved: Change = { record: { [server]: { edition: 'Enterprise Edition' } } }
const ageless: Change = { database: { createdAt: null } }
const at = snapshotOf().now

describe('what may be accepted', () => {
  it('is offered by name, and opens the gate when it is committed', () => {
    const change = together([moved, ageless])
    const spec = offered(printed(change)) as { spec: { accept: Omit<Acceptance, 'note'>[] } }
    expect(spec).toEqual({
      spec: {
        accept: expect.arrayContaining([
          { what: 'environment-changed', subject: server, fact: 'SQL Server edition', by: 'your name', at },
          { what: 'database-age-unknown', subject: `${server}/LcsLog`, by: 'your name', at },
        ]) as unknown,
      },
    })
    const accept = spec.spec.accept.map((one) => ({ ...one, fact: one.fact ?? null, note: null }))
    expect(run(planned(change)).refused).not.toEqual([])
    expect(run(planned(together([change, { recovery: { accept } }]))).refused).toEqual([])
  })

  it('is told with what nobody can accept', () => {
    const text = printed(together([moved, { set: { verified: {} } }]))
    expect(text).toContain('add this to Recovery r; accept only what you looked at')
    expect(text).toMatch(/^What else is against it cannot be accepted: set-not-verified\.$/m)
  })

  it('is nothing where the gate is open, or where nothing of it may be accepted', () => {
    expect(offered(printed({}))).toBeNull()
    expect(offered(printed({ set: { verified: {} } }))).toBeNull()
  })

  it('asks to run too, where the Recovery only guides', () => {
    expect(offered(printed(together([moved, { recovery: { run: 'guide' } }])))).toMatchObject({
      spec: { run: 'holdfast', accept: [{ what: 'environment-changed' }] },
    })
  })

  it('is a whole Recovery where there is none', () => {
    expect(offered(printed(together([moved, { recovery: null }])))).toMatchObject({
      ...{ apiVersion: 'holdfast/v1', kind: 'Recovery', metadata: { name: 'sql05-contoso-com-2026-03-10' } },
      spec: { server, scenario: 'archiving-monitoring', run: 'holdfast', accept: [{ what: 'environment-changed' }] },
    })
  })

  it('stands in a fence in Markdown', () => {
    expect(printed(moved, 'markdown')).toMatch(/```yaml\nspec:\n {2}accept:\n/)
  })
})

describe('rows that the last look before a restore counted', () => {
  const refusedFor = (code: string): Change => ({
    memory: {
      attempts: [
        {
          ...{ action: run(planned()).action, kind: 'recovery-step', subject: database, slot: null, set: null },
          ...{ startedAt: at, endedAt: at, outcome: 'refused', code, request: null },
          message: `It holds 4020 rows: a restore would throw them away. [${code}]`,
        },
      ],
    },
  })
  const gathered = refusedFor('rows-since-rebuild')
  const runbookOf = (change: Change): string =>
    runbookInWords(runbookView({ ...snapshotOf(change), sets: [] }, [server])!, context('text'))
  const wanted = { what: 'rows-since-rebuild', subject: database, by: 'your name', at }

  it('are offered to be accepted, by the dry run and by the runbook', () => {
    for (const text of [printed(gathered), runbookOf(gathered)]) {
      expect(text).toContain('4020 rows')
      expect(offered(text)).toEqual({ spec: { accept: [wanted] } })
    }
  })

  it('are told no more once they are accepted, and do not keep the step from being tried again', () => {
    const accept = [{ ...wanted, what: 'rows-since-rebuild' as const, fact: null, note: null }]
    const accepted = together([gathered, { recovery: { accept } }])
    expect([printed(accepted), runbookOf(accepted)].map(offered)).toEqual([null, null])
    expect(run(planned(gathered)).refused).toEqual([])
  })

  it('are offered only where that was the reason, and only where Holdfast is asked to run', () => {
    expect(offered(runbookOf(refusedFor('database-older')))).toBeNull()
    expect(offered(runbookOf(together([gathered, { recovery: { run: 'guide' } }])))).toBeNull()
  })
})

describe('while Git cannot be read', () => {
  const git = { code: 'source-unreachable', message: 'The repository does not answer.', hint: null } as const
  const told = /^Git cannot be read, so nothing will be run: The repository does not answer\./

  it.each(['text', 'markdown'] as const)(
    'restore says so first, and prints every command all the same: %s',
    (output) => {
      const text = printed({ git }, output)
      expect(text.replaceAll(/\s+/g, ' ').replaceAll('\\', '')).toMatch(told)
      expect(text).toContain('RESTORE DATABASE [LcsLog]')
      expect(printed({}, output)).not.toContain('Git')
    },
  )

  it('runbook says so, and that a person can go on', () => {
    const of = (change: Change): string =>
      runbookInWords(runbookView({ ...snapshotOf(change), sets: [] }, [server])!, context('text'))
    expect(of({ git }).replaceAll(/\s+/g, ' ')).toContain('so nothing will be run: The repository does not answer.')
    expect(of({ git })).toContain('RESTORE DATABASE [LcsLog]')
    expect(of({ git })).not.toContain('Holdfast runs its own steps')
    expect(of({})).toContain('Holdfast runs its own steps')
  })
})
