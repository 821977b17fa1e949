/**
 * What the world of today says of a recovery that is only thought of: the checks of `doctor` that its steps rest on, and those of
 * its copies. Nothing is written anywhere.
 */
import type { DrillSight } from '../domain/drill.ts'
import { namesOf, partnersOf } from '../domain/endpoints.ts'
import { hosts } from '../domain/hosts.ts'
import type { Desired } from '../domain/model.ts'
import type { Row } from '../domain/procedures/row.ts'
import { distinct, parseDatabase, sameSubject, sqlSubject } from '../domain/subject.ts'
import type { Item } from '../domain/words.ts'
import type { CallName } from '../drivers/shell/host.ts'
import { importCallOf } from '../drivers/shell/import-calls.ts'
import type { Artefact, LostTogether } from '../plan/recovery/lost-now.ts'
import { uncServer } from '../base/fields.ts'
import type { Check, CheckResult } from './check.ts'
import { copyChecks } from './checks/copies.ts'
import { locationChecks } from './checks/location.ts'
import { machineChecks } from './checks/machines.ts'
import { dnsCheck, nameChecks } from './checks/names.ts'
import { smbChecks } from './checks/ports.ts'
import { placeCheck, readByServerCheck, restoreRightCheck } from './checks/restoring.ts'
import { checkCmdlet, shellChecks } from './checks/shell.ts'
import { sqlChecks } from './checks/sql.ts'
import { runChecks } from './run-checks.ts'
import type { Surroundings } from './surroundings.ts'

/** A recovery as `plan` has it. */
export interface Recoverable extends LostTogether {
  artefactOf(item: Item): Artefact | null
}

/** What a row rests on: checks to be tried now, and what is known without. */
interface Rests {
  checks: readonly Check[]
  known: readonly DrillSight[]
}

/** One list for each row, in the order of the rows. Rejects only when `signal` is aborted. */
export async function tryToday(
  found: Recoverable,
  desired: Desired,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<DrillSight[][]> {
  const restsOf = tableFor(found, desired, surroundings)
  const rests = found.rows.map(restsOf)
  const wanted = withNeeds(rests.flatMap(({ checks }) => checks))
  const results = await runChecks(wanted, surroundings.drivers.clock, signal)
  const resultOf = new Map(wanted.map((check, index) => [check, results[index]]))
  return rests.map(({ checks, known }) => [
    ...checks.flatMap((check) => {
      const result = resultOf.get(check)
      return result ? [sightOf(result)] : []
    }),
    ...known,
  ])
}

/** Each after those that it depends on. */
function withNeeds(checks: readonly Check[]): Check[] {
  const found = new Set<Check>()
  const add = (check: Check): void => {
    if (found.has(check)) return
    for (const earlier of check.after ?? []) add(earlier)
    found.add(check)
  }
  for (const check of checks) add(check)
  return [...found]
}

function sightOf({ name: about, subject, outcome, message, remedy }: CheckResult): DrillSight {
  if (outcome === 'failed')
    return { about, subject, result: 'stops', message, ...(remedy === undefined ? {} : { remedy }) }
  return { about, subject, result: outcome === 'ok' ? 'holds' : 'unknown', message }
}

function tableFor(found: Recoverable, desired: Desired, surroundings: Surroundings): (row: Row) => Rests {
  const { loss } = found
  const { config, drivers } = surroundings
  const dns = dnsCheck(desired, config, drivers)
  const names = nameChecks(desired, [dns], config, drivers)
  const machines = machineChecks(desired, names, drivers)
  const smb = smbChecks(desired, machines, drivers)
  const sql = sqlChecks(desired, machines, drivers)
  const shell = shellChecks(desired, names, sql, surroundings)
  const session = shell.filter(({ name }) => name === 'shell')
  const locations = desired.locations.map((location) => locationChecks(desired, location, smb, surroundings))
  const copyCheck = copyChecks()
  const rights = new Map(sql.instances.map((instance) => [instance, restoreRightCheck(instance)]))
  const cmdlets = new Map<CallName, Check>()
  const isGone = (machine: string): boolean =>
    found.isLost(machine) || loss.machines.some((one) => sameSubject(one, machine))

  const name = (host: string): Check[] => names.all.filter(({ subject }) => sameSubject(subject, host))
  const call = (one: CallName): Check[] =>
    session.map((check) => {
      const known = cmdlets.get(one) ?? checkCmdlet(one, drivers.shell, check)
      cmdlets.set(one, known)
      return known
    })

  function ofItem(item: Item): Rests {
    const artefact = found.artefactOf(item)
    const place = locations.find(({ location }) => location.name === artefact?.set.location)
    const share = place?.all.filter((check) => check.name === 'share' || check.name === 'share-owner') ?? []
    const [reach] = share
    const file = artefact && reach ? copyCheck(artefact, reach) : null
    const back = wayBack(item, artefact)
    return { checks: [...share, ...(file ? [file] : []), ...back.checks], known: back.known }
  }

  /** Into what it comes back, and by what. */
  function wayBack(item: Item, artefact: Artefact | null): Rests {
    if (item.kind === 'sql-database') return intoInstance(item, artefact)
    if (item.kind === 'file-store') {
      if (!isGone(uncServer(item.subject))) return { checks: [placeCheck(item.subject, smb, drivers)], known: [] }
      return later('place', item.subject, `${item.subject} is shared anew: whether it may be written to shows then.`)
    }
    const imported = importCallOf(item.kind)
    if (!imported) return { checks: [], known: [] }
    const calls = [imported.call, ...(imported.then ? [imported.then] : [])]
    return { checks: [...session, ...calls.flatMap(call)], known: [] }
  }

  function intoInstance(item: Item, artefact: Artefact | null): Rests {
    const parts = parseDatabase(item.subject)
    const store = parts && desired.sqlStores.find((one) => sameSubject(sqlSubject(one), sqlSubject(parts)))
    const [address] = store ? partnersOf(store) : []
    const instance = sql.instances.find(({ server }) => address && sameSubject(server.subject, sqlSubject(address)))
    const right = instance && rights.get(instance)
    if (!instance || !right || !parts) return { checks: [], known: [] }
    const { subject } = instance.server
    if (isGone(parts.host))
      return later(
        'sql-login',
        subject,
        `${subject} is installed anew: the login of Holdfast, its right to restore, and whether the account of SQL Server reads the share show then.`,
      )
    const { login } = instance
    return { checks: [login, right, ...(artefact ? [readByServerCheck(instance, artefact)] : [])], known: [] }
  }

  /** The names that the recovery as a whole rests on; those of its machines belong to their own rows. */
  function surroundingNames(): Check[] {
    const { pools, stores, fileStores, mirrors } = loss
    const topology = [...hosts(desired).map(({ fqdn }) => fqdn), ...desired.pools.map(({ fqdn }) => fqdn)]
    const others = [...topology, ...desired.sqlStores.map(({ host }) => host)]
    const ofClients =
      pools.length === 0 ? [] : namesOf(desired).filter((one) => !others.some((other) => sameSubject(one, other)))
    const wanted = [
      ...pools.flatMap(({ fqdn, pairedWith }) => [fqdn, ...(pairedWith === null ? [] : [pairedWith])]),
      ...stores.map(({ host }) => host),
      ...mirrors.map(({ survivor }) => survivor),
      ...[...fileStores.map(({ path }) => path), ...desired.locations.map(({ share }) => share)].map(uncServer),
      ...ofClients,
    ]
    return distinct(wanted)
      .filter((one) => !loss.machines.some((machine) => sameSubject(machine, one)))
      .flatMap(name)
  }

  return (row) => {
    const { id, subject, operation } = row
    const item = operation?.kind === 'restore-item' ? operation.item : null
    if (item) return ofItem(item)
    if (operation?.kind === 'stop-services') return { checks: [...session, ...call('stop-services')], known: [] }
    if (operation?.kind === 'start-services')
      return { checks: [...session, ...call(operation.how === 'pool' ? 'start-pool' : 'start-services')], known: [] }
    if (operation?.kind === 'check-replication') return { checks: [...session, ...call('replication')], known: [] }
    if (id === 'check-surroundings') return { checks: [dns, ...surroundingNames()], known: [] }
    if (id === 'rebuild-machine') return { checks: name(subject), known: [] }
    if (id === 'download-topology' && !loss.centralManagement)
      return { checks: shell.filter((check) => check.name === 'central-management'), known: [] }
    return { checks: [], known: [] }
  }
}

function later(about: string, subject: string, message: string): Rests {
  return { checks: [], known: [{ about, subject, result: 'unknown', message }] }
}
