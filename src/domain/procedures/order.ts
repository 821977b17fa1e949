import { distinct, foldSubject, sameSubject } from '../subject.ts'
import type { Subject } from '../words.ts'
import type { Context } from './context.ts'
import { shareMachine } from './machines.ts'
import { operationText } from './operation.ts'
import type { Row, RowName, RowRule } from './row.ts'

export function isSameRow(a: RowName, b: RowName): boolean {
  return a.id === b.id && sameSubject(a.subject, b.subject)
}

/** The rows of a loss, each with what it waits for and the branches that it belongs to. */
export function inOrder(rules: readonly RowRule[], context: Context): Row[] {
  const byId = new Map(rules.map((rule) => [rule.id, rule]))
  const names = new Map(
    rules.map((rule) => [rule.id, distinct(rule.of(context)).map((subject): RowName => ({ id: rule.id, subject }))]),
  )

  /** `undefined`: it belongs to a branch that this procedure does not have, or cannot take. */
  function branchesOf(rule: RowRule, subject: Subject): Row['in'] | undefined {
    const found: { fork: RowName; branch: string }[] = []
    for (const name of rule.in ?? []) {
      const [, isOwn, id = '', branch = ''] = /^(=?)(.+)\/(.+)$/.exec(name) ?? []
      const forks = names.get(id) ?? []
      const own = forks.find((one) => sameSubject(one.subject, subject))
      const fork = own ?? (isOwn === '' && forks.length === 1 ? forks[0] : undefined)
      if (fork) found.push({ fork, branch })
      else if (byId.get(id)?.branches?.at(-1)?.name !== branch) return undefined
    }
    return found
  }

  const kept = rules.flatMap((rule) =>
    (names.get(rule.id) ?? []).flatMap((name) => {
      const branches = branchesOf(rule, name.subject)
      return branches ? [{ rule, name, branches }] : []
    }),
  )
  const keptIds = Map.groupBy(kept, ({ rule }) => rule.id)

  /** Many rows hand on the needs of the same rows that the procedure does not have: each is followed once. */
  const followed = new Map<string, RowName[]>()
  function needed(need: string, subject: Subject): RowName[] {
    const key = `${need} ${subject}`
    const known = followed.get(key)
    if (known) return known
    const found = follow(need, subject)
    followed.set(key, found)
    return found
  }

  function follow(need: string, subject: Subject): RowName[] {
    const [, optional, mark, id = need] = /^(\??)([=@]?)(.+)$/.exec(need) ?? []
    const found = (keptIds.get(id) ?? []).filter(
      ({ name }) =>
        mark === '' ||
        sameSubject(name.subject, subject) ||
        (mark === '@' && shareMachine(name.subject, subject, context.desired)),
    )
    if (found.length > 0) return found.map(({ name }) => name)
    if (optional !== '') return []
    const rule = byId.get(id)
    if (!rule) throw new Error(`No rule has the id ${id}.`)
    return once(rule.needs.flatMap((one) => needed(one, subject)))
  }

  const rows = kept.map(({ rule, name, branches }) =>
    rowOf(rule, name.subject, context, branches, [
      ...branches.map(({ fork }) => fork),
      ...rule.needs.flatMap((need) => needed(need, name.subject)),
      ...(rule.after?.(name.subject, context) ?? []).filter((one) => kept.some((other) => isSameRow(other.name, one))),
    ]),
  )
  return lateLast(reduced(rows), new Set(rules.flatMap(({ id, late }) => (late ? [id] : []))))
}

/** What users do not wait for comes at the end, with all that waits for it. */
function lateLast(rows: readonly Row[], late: ReadonlySet<string>): Row[] {
  const awaited = new Set<string>()
  for (const row of rows.toReversed())
    if (!late.has(row.id) || awaited.has(keyOf(row))) for (const need of row.needs) awaited.add(keyOf(need))
  const isLate = (row: Row): boolean => late.has(row.id) && !awaited.has(keyOf(row))
  return [...rows.filter((row) => !isLate(row)), ...rows.filter(isLate)]
}

/** What another need waits for already is not said twice. Rows stand in an order in which none needs a later one. */
function reduced(rows: readonly Row[]): Row[] {
  const before = new Map<string, ReadonlySet<string>>()
  return rows.map((row) => {
    const keys = row.needs.map(keyOf)
    const further = new Set(keys.flatMap((key) => [...(before.get(key) ?? [])]))
    before.set(keyOf(row), new Set([...keys, ...further]))
    return { ...row, needs: row.needs.filter((need) => !further.has(keyOf(need))) }
  })
}

function keyOf({ id, subject }: RowName): string {
  return `${id} ${foldSubject(subject)}`
}

function rowOf(rule: RowRule, subject: Subject, context: Context, branches: Row['in'], needs: readonly RowName[]): Row {
  const operation = rule.operation?.(subject, context)
  const command = operation ? operationText(operation, context) : rule.command?.(subject, context)
  return {
    ...{ id: rule.id, subject, title: rule.title(subject, context), why: rule.why, actor: rule.actor },
    ...(command ? { command } : {}),
    ...(operation ? { operation } : {}),
    needs: once(needs),
    proves: rule.proves,
    ...(rule.risks === undefined ? {} : { risks: rule.risks }),
    ...{ source: rule.source, minutes: rule.minutes, restores: rule.restores?.(subject, context) ?? [] },
    ...(rule.branches ? { branches: rule.branches } : {}),
    in: branches,
  }
}

function once(names: readonly RowName[]): RowName[] {
  return [...new Map(names.map((name) => [keyOf(name), name])).values()]
}

/** Which branch each fork takes. */
export type Choice = { fork: RowName; branch: string }

/** The rows that are left once forks are decided: what needed an ended row needs what that row needed. */
export function remaining(rows: readonly Row[], choices: readonly Choice[]): Row[] {
  const isEnded = (row: Row): boolean =>
    row.in.some(({ fork, branch }) =>
      choices.some((choice) => isSameRow(choice.fork, fork) && choice.branch !== branch),
    )
  const ended = rows.filter(isEnded)
  const through = (name: RowName): RowName[] => {
    const row = ended.find((one) => isSameRow(one, name))
    return row ? row.needs.flatMap(through) : [name]
  }
  return rows.filter((row) => !isEnded(row)).map((row) => ({ ...row, needs: once(row.needs.flatMap(through)) }))
}

/** Every way through the forks of a procedure. */
export function waysThrough(rows: readonly Row[]): Choice[][] {
  return rows.reduce<Choice[][]>(
    (ways, { id, subject, branches }) =>
      branches
        ? ways.flatMap((way) => branches.map(({ name }) => [...way, { fork: { id, subject }, branch: name }]))
        : ways,
    [[]],
  )
}
