/**
 * Mirrors, groups and clusters that were lost come back by the runbook: RESTORE before a mirror is made and before a database
 * joins its group, and no restore at all where something of them lives on (domain reference, sections 6.6 and 6.14).
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openRedundantLab, type DrivenLab } from '../support/driven-lab.ts'
import { inWords } from '../support/operator.ts'
import { bringBack, held, lose, operators, putAway } from '../support/scenario-run.ts'

let driven: DrivenLab
beforeAll(async () => {
  driven = await openRedundantLab('se01-rtc')
}, 120_000)
afterAll(() => driven[Symbol.asyncDispose]())

const host = (name: string): string => `${name}.contoso.com`
const machine = (name: string): string[] => [`install-windows ${host(name)}`, `join-domain ${host(name)}`]
const by = (name: string, scenario: string) => ({ server: host(name), scenario, run: 'holdfast' as const })
const topology = ['download-topology contoso', 'publish-topology contoso']
const [sql03, sql04] = [String.raw`sql03.contoso.com\archive`, String.raw`sql04.contoso.com\archive`]
const sqlcl = String.raw`sqlcl.contoso.com\chat`

const rows = [
  {
    what: 'both partners of a mirrored archive',
    breaks: ['server sql03.contoso.com', 'server sql04.contoso.com'],
    recoveries: [by('sql03', 'archiving-monitoring'), by('sql04', 'archiving-monitoring')],
    ran: [['restore-databases', `${sql03}/LcsLog`]],
    acts: [
      ...[...machine('sql03'), ...machine('sql04'), `install-sql-server ${sql03}`, `install-sql-server ${sql04}`],
      ...[...topology, `create-databases ${sql03}`, `grant-sysadmin ${sql03}`],
      ...[`publish-store-mirrored ${sql03} ${sql04}`, `create-mirror ${sql04}`],
    ],
  },
  {
    what: 'an availability group as a whole',
    breaks: ['server sql05.contoso.com', 'server sql06.contoso.com'],
    recoveries: [by('sql05', 'archiving-monitoring'), by('sql06', 'archiving-monitoring')],
    ran: [],
    acts: [],
  },
  {
    what: 'a failover cluster as a whole',
    breaks: ['server sql07.contoso.com', 'server sql08.contoso.com'],
    recoveries: [by('sql07', 'persistent-chat'), by('sql08', 'persistent-chat')],
    ran: [],
    acts: [],
  },
]

test.each(rows)(
  '$what',
  async (scenario) => {
    const before = held(driven)
    await using daemon = await driven.watcher()
    const flagged = await lose(scenario, driven, daemon)
    const done: string[] = []
    const all = operators(scenario, driven, daemon, { does: (hand) => done.push(inWords(hand)) })
    await bringBack(all, scenario, daemon, flagged)
    console.log(done)
    expect(held(driven)).toEqual(before)
    expect(done).toEqual(scenario.acts)
    await putAway(scenario, driven)
  },
  300_000,
)
