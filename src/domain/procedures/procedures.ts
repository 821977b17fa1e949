/**
 * The restore procedures as one table (domain reference, sections 6.2 to 6.13). The vendor's chapters share one order;
 * they differ in what was lost. So each row says when it is needed, and a host that held several things gets the rows
 * of all. It is the one place that knows the steps.
 */
import type { Loss } from '../loss/found.ts'
import type { Desired } from '../model.ts'
import type { Item, ItemKind } from '../words.ts'
import { creatingCentralManagement, savingCentralManagement } from './central-management-steps.ts'
import { contextOf, type Context } from './context.ts'
import { checking, data, enabling, fileStores, sharing } from './data-steps.ts'
import { creatingDatabases, creatingMirror, leavingMirror } from './database-steps.ts'
import { installing, preparing, rebuilding, updating } from './machine-steps.ts'
import type { Step, StepRule } from './step.ts'

const table: readonly StepRule[] = [
  ...preparing,
  ...savingCentralManagement,
  ...leavingMirror,
  ...rebuilding,
  ...sharing,
  ...fileStores,
  ...creatingCentralManagement,
  ...enabling,
  ...creatingDatabases,
  ...installing,
  ...updating,
  ...creatingMirror,
  ...data,
  ...checking,
]

/** The steps that undo a loss, in order. `fileOf`: UNC path of the artefact of an item; null without a copy. */
export function procedureOf(loss: Loss, desired: Desired, fileOf: (item: Item) => string | null): Step[] {
  if (loss.scenario === null) return []
  const context = contextOf(loss, desired, fileOf)
  return table.filter((rule) => rule.applies(context)).map((rule) => stepOf(rule, context))
}

function stepOf(rule: StepRule, context: Context): Step {
  const count = rule.each ? rule.each(context) : 1
  return {
    id: rule.id,
    title: rule.title(context),
    actor: rule.actor,
    ...(rule.command ? { command: rule.command(context) } : {}),
    ...(rule.warning === undefined ? {} : { warning: rule.warning }),
    minutes: rule.minutes * count,
  }
}

/**
 * Bytes a second that a restore can be trusted to move: a third of a gigabit link for copies and SQL Server, and far
 * less for cmdlets that write row by row. Rough on purpose; real durations replace them once there are any.
 */
const copied = 40_000_000
const imported = 1_000_000
const bytesPerSecond: Readonly<Partial<Record<ItemKind, number>>> = {
  'sql-database': copied,
  'file-store': copied,
  configuration: imported,
  'location-information': imported,
  'user-data': imported,
  'response-groups': imported,
  'persistent-chat': imported,
}

/** A rough estimate in seconds: the allowance of each step, and the time to move the bytes of the items. */
export function estimateSeconds(loss: Loss, steps: readonly Step[], bytesOf: (item: Item) => number): number {
  const work = steps.reduce((sum, { minutes }) => sum + minutes * 60, 0)
  const moving = loss.items.reduce((sum, item) => sum + bytesOf(item) / (bytesPerSecond[item.kind] ?? copied), 0)
  return Math.round(work + moving)
}
