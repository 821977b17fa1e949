import { Problem } from '../base/problem.ts'
import { timeOf } from '../base/time.ts'
import type { Bench, Break } from './break.ts'
import { setting, user } from './break-directory.ts'
import { centralManagement } from './break-central-management.ts'
import { database, logBackups, mirror } from './break-databases.ts'
import { fileStore, set, share } from './break-files.ts'
import { dhcp, pairing, patch, replica, service, simpleUrl } from './break-lync.ts'
import { clock, server, wipe } from './break-machines.ts'
import { certificate, dns, network } from './break-network.ts'
import { contacts, failover } from './break-pools.ts'
import { cmdlet, connection, sql, topology } from './break-services.ts'
import { same } from './world.ts'

const breaks: readonly Break[] = [
  ...[server, wipe, network, clock, service, replica, patch, pairing, failover, contacts, centralManagement],
  ...[dhcp, simpleUrl, topology, user, setting],
  ...[database, mirror, logBackups, sql, connection, cmdlet, set, share, fileStore, dns, certificate],
]

export interface BreakRequest {
  kind: string
  subject: string
  /** Null: the first detail of the kind. */
  detail: string | null
}

/** Every way to break the lab, with the subjects that this lab has; without a lab, none. */
export function listBreaks(
  bench: Bench | null,
): { kind: string; subjects: string[]; details: string[]; does: string }[] {
  return breaks.map(({ kind, details, does, subjects }) => ({
    ...{ kind, details: [...details], does },
    subjects: bench ? subjects(bench) : [],
  }))
}

/** Changes the facts. What was broken in the same way before is repaired first, so that the new detail holds. */
export function breakIt(bench: Bench, { kind, subject, detail }: BreakRequest): void {
  const found = breakOf(kind)
  const known = subjectOf(bench, found, subject)
  const wanted = detail ?? found.details[0] ?? ''
  if (!found.details.includes(wanted) && found.takes?.(wanted) !== true)
    throw unknown(`${kind} knows no ${wanted}.`, `Its details: ${found.details.join(', ')}.`)
  if (changeOf(bench, kind, known)) repairIt(bench, { kind, subject: known, detail: null })
  const before = found.apply(bench, known, wanted)
  bench.world.changes.push({ kind, subject: known, detail: wanted, at: timeOf(Date.now()), before })
}

/** Puts back what `breakIt` changed. Throws Problem `lab-not-broken` when it changed nothing of that kind. */
export function repairIt(bench: Bench, { kind, subject }: BreakRequest): void {
  const found = breakOf(kind)
  const change = changeOf(bench, kind, subject)
  if (!change)
    throw new Problem('lab-not-broken', {
      subject,
      message: `No ${kind} is broken there.`,
      hint: 'holdfast lab status shows what is broken.',
    })
  found.repair(bench, change.subject, change.before, change.detail)
  bench.world.changes = bench.world.changes.filter((other) => other !== change)
}

/** Kinds whose subject is a machine, or something on its disks. */
const onMachines = new Set([
  ...['server', 'wipe', 'service', 'replica', 'patch', 'database', 'mirror', 'log-backups', 'sql', 'connection'],
  ...['share', 'file-store'],
])

/** What was broken on a machine went with it. */
export function forget(bench: Bench, machine: string): void {
  for (const change of [...bench.world.changes]) {
    const { kind, subject, detail } = change
    if (!onMachines.has(kind) || !same(/[^\\/]+/.exec(subject)?.[0] ?? '', machine)) continue
    if (breakOf(kind).mounts?.includes(detail) === true) repairIt(bench, { kind, subject, detail: null })
    else bench.world.changes = bench.world.changes.filter((other) => other !== change)
  }
}

/** Nothing that a lab mounted may outlive it. */
export function mendMounts(bench: Bench): void {
  for (const { kind, subject, detail } of [...bench.world.changes])
    if (breakOf(kind).mounts?.includes(detail) === true) repairIt(bench, { kind, subject, detail: null })
}

function breakOf(kind: string): Break {
  const found = breaks.find((one) => one.kind === kind)
  if (!found) throw unknown(`There is no kind ${kind}.`, `The kinds: ${breaks.map((one) => one.kind).join(', ')}.`)
  return found
}

function subjectOf(bench: Bench, found: Break, subject: string): string {
  if (found.accepts?.(bench, subject) === true) return subject
  const known = found.subjects(bench).find((one) => same(one, subject))
  if (known === undefined)
    throw unknown(
      `${found.kind} knows no subject ${subject} in this lab.`,
      'holdfast lab break --list names the subjects.',
    )
  return known
}

function changeOf({ world }: Bench, kind: string, subject: string): Bench['world']['changes'][number] | undefined {
  return world.changes.find((change) => change.kind === kind && same(change.subject, subject))
}

function unknown(message: string, hint: string): Problem {
  return new Problem('lab-break-unknown', { message, hint })
}
