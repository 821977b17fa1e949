import type { Time } from '../../../../src/base/time.ts'
import { keyOf, type Estate } from './estate.ts'
import type { Keeper } from './keeper.ts'
import type { Thing } from './layouts.ts'

/** What was physically to be seen of a loss, as far as somebody looked. */
export class Witness {
  readonly #lost = new Map<string, Time>()
  readonly #keeper: Keeper<Estate>
  constructor(keeper: Keeper<Estate>) {
    this.#keeper = keeper
  }

  look(): void {
    const { house } = this.#keeper
    if (!house.world.network) return
    for (const host of house.hosts) {
      const { powered, services, type } = house.machine(host)
      const own = house.layout.things.filter((one) => one.host === host)
      const isEmpty = powered && type !== null && services.size === 0
      if (!powered || isEmpty) this.#see(host)
      if (powered) for (const one of own) if (this.#isMissing(one)) this.#see(keyOf(one.item))
      const isWhole = powered && !isEmpty && own.every((one) => /life|copy/.test(house.contentOf(one.item) ?? ''))
      if (isWhole && this.#keeper.flags.length === 0)
        for (const name of [host, ...own.map(({ item }) => keyOf(item))]) this.#lost.delete(name)
    }
  }

  #isMissing(one: Thing): boolean {
    const { house } = this.#keeper
    if (!one.database) return house.world.shares.get(one.item.subject)?.entries === 0
    const instance = house.world.instances.get(one.database.instance)!
    return instance.running && !house.databaseOf(one)
  }

  #see(name: string): void {
    if (!this.#lost.has(name)) this.#lost.set(name, this.#keeper.house.now)
  }

  /** When any of it was first seen lost. */
  lostAt(names: readonly string[]): Time | undefined {
    return names.flatMap((name) => this.#lost.get(name) ?? []).sort()[0]
  }
}
