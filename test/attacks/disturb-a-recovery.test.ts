/**
 * What goes wrong while a recovery runs: each trouble is told, nothing is harmed while it lasts, and when it is over the
 * recovery ends with what the set holds. Through the real drivers, by a clock that the test drives.
 */
import { rename } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, expect, test } from 'vitest'
import type { Snapshot } from '../../src/domain/plan.ts'
import { change } from '../../src/lab/lab.ts'
import { readOnly } from '../support/denied.ts'
import { openUnpairedLab, type DrivenLab, type Watcher } from '../support/driven-lab.ts'
import { localOf, use } from '../support/hands.ts'
import { bringBack, held, lose, operators, putAway } from '../support/scenario-run.ts'
import { scenarios, type Scenario } from '../support/scenarios.ts'

interface Trouble {
  what: string
  /**
   * `jump SECONDS`: the clock of the daemon alone; `break`, `repair` and `do` of the lab; `wait SECONDS`; `lock` and `unlock` a file store;
   * `lose`: a second thing is lost, of which `scenarios` tells; `git away` and `git back`: the repository.
   */
  happens: readonly string[]
  /** What is told then, and was not before: findings, flags, steps that are undone, and what is refused. */
  told: readonly string[]
  /** Words of it. */
  says?: readonly RegExp[]
  over: readonly string[]
}

interface Row {
  /** As `scenarios` names it; or one of its own. */
  scenario: string | Scenario
  /** Before anybody begins to restore. */
  first?: readonly string[]
  /** Steps and acts that hands leave undone until all troubles are over. */
  leaves?: readonly string[]
  troubles: readonly Trouble[]
  /** Steps that Holdfast ran to their end, in alphabetical order: nothing twice but what was lost twice. */
  ran: readonly string[]
}

const store = String.raw`\\fs01.contoso.com\LyncShare`
const share = String.raw`share \\backup01.contoso.com\LyncBackup`
const edge = 'edge01.contoso.com'
const days = 3 * 86_400
const hours = 5 * 3600

const rows: readonly Row[] = [
  {
    scenario: 'one monitoring database',
    leaves: ['grant-sysadmin'],
    troubles: [
      {
        what: 'the account may not restore',
        happens: [],
        told: [],
        says: [/It takes sysadmin\. \[sql-permission\] holdfast explain/],
        over: [],
      },
      {
        what: 'the clock goes ahead by three days',
        happens: [`jump ${days}`],
        told: ['finding error clock-skew contoso', 'refused database-age-unknown'],
        says: [/The clock of this machine is ahead of most SQL Servers/],
        over: [`jump -${days}`],
      },
      {
        what: 'the clock goes back by five hours, to before the loss',
        happens: [`jump -${hours}`],
        told: ['finding error clock-skew contoso', 'refused database-age-unknown'],
        says: [/The clock of this machine is behind most SQL Servers/],
        over: [`jump ${hours}`],
      },
      {
        what: 'the backup share goes away',
        happens: [`break ${share} gone`],
        told: ['finding error location-unreachable backup01', 'refused copy-out-of-sight'],
        says: [/LyncBackup does not answer/],
        over: [`repair ${share}`],
      },
      {
        what: 'a file server is lost beside it',
        happens: ['lose File store'],
        told: ['flag file-store fs01.contoso.com'],
        over: [],
      },
      {
        what: 'Git goes away, and all that was in the way of a restore is out of it',
        // What failed so often is tried again within the hour.
        happens: ['git away', 'do grant-sysadmin sql02.contoso.com', 'wait 3600'],
        told: ['refused git-out-of-sight'],
        says: [/by its last good revision alone nothing is run: .*repository/],
        over: ['git back'],
      },
    ],
    ran: ['restore-databases', 'restore-file-store'],
  },
  {
    scenario: 'File store',
    leaves: ['share-folder'],
    troubles: [
      {
        what: 'the account may not write there',
        happens: [`do share-folder ${store}`, `lock ${store}`],
        told: [`finding warning environment-changed ${store}`, `finding error recovery-step-failed ${store}`],
        says: [/cannot be written \((EROFS|EACCES)\)/, /No file is there/],
        over: [`unlock ${store}`],
      },
      {
        what: 'the server is lost again',
        happens: ['break server fs01.contoso.com'],
        told: [
          'finding warning acknowledgement-disputed fs01.contoso.com',
          'open rebuild-machine fs01.contoso.com',
          'open take-image fs01.contoso.com',
          `open share-file-store ${store}`,
        ],
        says: [/take-image: Jane said so as of .*, which was before the loss/],
        over: [],
      },
    ],
    ran: ['restore-file-store'],
  },
  {
    scenario: {
      ...{ what: 'Edge Server', centralStore: 'se01-rtc', breaks: [`server ${edge}`], ran: [], acts: [] },
      recoveries: [{ server: edge, scenario: 'member-server', run: 'holdfast' }],
    },
    leaves: ['apply-updates', 'start-server'],
    troubles: [
      {
        what: 'it is lost again',
        happens: [`break server ${edge}`, 'wait 3600'],
        told: [
          `finding warning acknowledgement-disputed ${edge}`,
          `open rebuild-machine ${edge}`,
          `open restore-certificates ${edge}`,
          `open take-image ${edge}`,
          'open export-for-edge edge.contoso.com',
          `open install-local-store ${edge}`,
          `open install-components ${edge}`,
          `open assign-certificates ${edge}`,
        ],
        says: [/rebuild-machine: Jane said so as of .*, which was before the loss/],
        over: [],
      },
    ],
    ran: [],
  },
  {
    scenario: 'Back End without the Central Management store, unmirrored',
    first: ['break cmdlet Import-CsRgsConfiguration denied'],
    troubles: [
      {
        what: 'the account may not import',
        happens: [],
        told: [],
        says: [/Access is denied: the account may not run Import-CsRgsConfiguration\. .*\[shell-call-failed\]/],
        over: [],
      },
      {
        what: 'the clock goes ahead, after user data are back',
        happens: [`jump ${days}`],
        told: ['finding error clock-skew contoso', 'refused database-age-unknown'],
        over: [`jump -${days}`],
      },
      {
        what: 'the clock goes back, after user data are back',
        happens: [`jump -${hours}`],
        told: ['finding error clock-skew contoso', 'refused database-age-unknown'],
        over: [`jump ${hours}`, 'repair cmdlet Import-CsRgsConfiguration', 'wait 3600'],
      },
    ],
    ran: ['import-response-groups', 'import-user-data', 'start-services', 'stop-services'],
  },
]

const scenarioOf = (scenario: Row['scenario']): Scenario => {
  const one = typeof scenario === 'string' ? scenarios.find(({ what }) => what === scenario) : scenario
  if (!one) throw new Error('There is no such scenario.')
  return one
}

/** What a row left whole serves the next one; after a failure a new lab does. */
let left: DrivenLab | undefined
afterAll(() => left?.[Symbol.asyncDispose]())

test.each(rows.map((row) => ({ ...row, what: scenarioOf(row.scenario).what })))(
  '$what',
  async ({ scenario: named, leaves: early = [], first = [], troubles, ran }) => {
    const scenario = scenarioOf(named)
    await using used = new AsyncDisposableStack()
    const driven = used.use(left ?? (await openUnpairedLab(scenario.centralStore)))
    left = undefined
    const before = held(driven)
    await using daemon = await driven.watcher()
    const leaves = new Set(early)
    const lost = [scenario]
    const flagged = await lose(scenario, driven, daemon)
    const all = operators(scenario, driven, daemon, { leaves })
    using locks = new DisposableStack()

    async function doIt(deed: string): Promise<void> {
      const [verb, kind = '', subject = '', detail = null] = deed.split(' ')
      if (verb === 'jump') daemon.jump(Number(kind))
      else if (verb === 'wait') await daemon.after(Number(kind))
      else if (verb === 'do') await use({ kind, subject }, driven)
      else if (verb === 'git') await moveRepository(kind, driven)
      else if (verb === 'lock') locks.use(readOnly(localOf(kind, driven)))
      else if (verb === 'unlock') locks.dispose()
      else if (verb === 'lose') {
        const second = scenarioOf(deed.slice('lose '.length))
        lost.push(second)
        await lose({ ...second, recoveries: together(lost) }, driven, daemon)
        all.push(...operators(second, driven, daemon, { leaves }))
      } else await change(driven.folder, verb as 'break' | 'repair', { kind, subject, detail })
    }

    for (const deed of first) await doIt(deed)
    let last = flagged
    for (let round = 0; round < 4; round++) {
      for (const one of all) await one.goesOn()
      await daemon.after(60)
      last = await daemon.runsRecoveries()
    }
    for (const { what, happens, says = [], over, ...trouble } of troubles) {
      const known = new Set(told(last, scenario, daemon))
      for (const deed of happens) await doIt(deed)
      await daemon.after(180)
      const was = held(driven)
      last = await daemon.runsRecoveries()
      const fresh = told(last, scenario, daemon).filter((line) => !known.has(line))
      expect(fresh.sort(), what).toEqual([...trouble.told].sort())
      for (const one of says) expect(words(last), what).toMatch(one)
      expect(held(driven), what).toEqual(was)
      for (const deed of over) await doIt(deed)
      last = await daemon.after(60)
      for (const one of all) await one.goesOn()
    }
    leaves.clear()
    const everything = { ...scenario, recoveries: together(lost) }
    await bringBack(all, everything, daemon, last)
    expect(held(driven)).toEqual(before)
    expect(runs(daemon).sort()).toEqual(ran)
    await putAway(everything, driven)
    left = driven
    used.move()
  },
  300_000,
)

async function moveRepository(where: string, { config: { git } }: DrivenLab): Promise<void> {
  const places = [git.url, `${git.url}.away`] as const
  await (where === 'away' ? rename(...places) : rename(places[1], places[0]))
}

function together(lost: readonly Scenario[]): Scenario['recoveries'] {
  return lost.flatMap(({ recoveries }) => recoveries)
}

/** One line for each: what is found and flagged, what refuses a step that could run, and what is still to do of the scenario. */
function told({ plan }: Snapshot, scenario: Scenario, daemon: Watcher): string[] {
  const steps = scenario.recoveries.flatMap(({ server }) => daemon.runbook(server).steps)
  const gates = plan.runbooks
    .flatMap((runbook) => runbook.steps)
    .flatMap(({ state, run }) => (state === 'ready' ? (run?.refused ?? []) : []))
  return [
    ...plan.findings.map(({ code, severity, subject }) => `finding ${severity} ${code} ${subject}`),
    ...plan.flags.map((flag) => `flag ${flag.scenario} ${flag.subject}`),
    ...new Set(gates.map(({ gate }) => `refused ${gate}`)),
    ...steps.filter(({ state }) => state !== 'done').map(({ id, subject }) => `open ${id} ${subject}`),
  ]
}

function words({ plan }: Snapshot): string {
  const refused = plan.runbooks.flatMap(({ steps }) => steps.flatMap(({ run }) => run?.refused ?? []))
  return [...plan.findings, ...refused].map((one) => [one.message, 'remedy' in one && one.remedy].join(' ')).join('\n')
}

/** Steps that Holdfast ran to their end. */
function runs({ state }: Watcher): string[] {
  using store = new DatabaseSync(state, { readOnly: true, timeout: 10_000 })
  const entries = store.prepare(
    "SELECT message FROM journal WHERE type = 'action-done' AND message LIKE 'recovery-step:%'",
  )
  return entries.all().map(({ message }) => /, step ([a-z-]+)/.exec(String(message))?.[1] ?? '')
}
