/** What administrators change every day: where a user is homed, what a policy says. */
import { Problem } from '../base/problem.ts'
import type { Bench, Break } from './break.ts'
import { usersIn } from './content.ts'
import { databaseIn } from './shell-view.ts'
import { setUsers } from './user-store.ts'
import { userAddress } from './users.ts'
import { same, timeIn, type LabSetting, type World } from './world.ts'

export const user: Break = {
  kind: 'user',
  details: ['moved', 'emptied'],
  does: 'Somebody moved the user, with contacts and conferences, to another pool. emptied: the user lost all of them; repair does not bring them back.',
  subjects: ({ world }) =>
    world.directory.filter(({ users }) => users > 0).map(({ pool }) => userAddress(world, pool, 1)),
  accepts: ({ world }, subject) => homeOf(world, subject) !== null,
  apply({ world }, address, detail) {
    if (detail === 'emptied') {
      emptyUser(world, address)
      return null
    }
    const home = homeOf(world, address)
    const other = world.directory.find(({ pool }) => pool !== home)
    if (home === null || !other)
      throw new Problem('lab-break-unknown', {
        subject: address,
        message: 'There is no other pool to move the user to.',
      })
    world.moved.push({ user: address, pool: other.pool })
    return null
  },
  repair({ world }, address) {
    world.moved = world.moved.filter((one) => !same(one.user, address))
  },
}

function emptyUser(world: World, address: string): void {
  for (const pool of world.pools.filter(({ backEnd }) => backEnd.length > 0)) {
    const store = databaseIn(world, pool.backEnd, 'rtcxds')
    const rows = usersIn(world, pool, store)
    const [name] = Object.keys(rows).filter((one) => same(one, address))
    if (name !== undefined) setUsers(world, pool, store, { ...rows, [name]: [] })
  }
}

/** The pool that a user was made in; null: nobody has this address. */
function homeOf(world: World, address: string): string | null {
  const home = world.directory.find(({ pool, users }) =>
    Array.from({ length: users }, (_, index) => userAddress(world, pool, index + 1)).some((one) => same(one, address)),
  )
  return home?.pool ?? null
}

export const setting: Break = {
  kind: 'setting',
  details: ['changed'],
  does: 'Somebody changed the first value of a policy or of a set of settings.',
  subjects: ({ world }) => world.settings.map(nameOf),
  apply({ world }, subject) {
    const values = valuesOf(world, subject)
    const [name, before] = Object.entries(values)[0] ?? ['', '']
    values[name] = String(Number(before) * 2)
    const { configuredAt } = world
    world.configuredAt = timeIn(world)
    return { name, before, configuredAt }
  },
  repair({ world }, subject, was) {
    const { name, before, configuredAt } = was as { name: string; before: string; configuredAt: World['configuredAt'] }
    valuesOf(world, subject)[name] = before
    world.configuredAt = configuredAt
  },
}

/** `ConferencingPolicy:Global` */
function nameOf({ element, scope }: LabSetting): string {
  return `${element}:${scope}`
}

function valuesOf(world: Bench['world'], subject: string): Record<string, string> {
  return world.settings.find((one) => same(nameOf(one), subject))?.values ?? {}
}
