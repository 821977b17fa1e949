import type { Clock } from '../base/clock.ts'
import type { Random } from '../base/random.ts'
import type { Config } from '../config/config.ts'
import type { Network } from './network/network.ts'
import type { ShellHost } from './shell/host.ts'
import type { SqlAddress, SqlServer } from './sql/server.ts'

/** Every way in which the daemon touches the world, opened from one configuration. */
export interface Drivers extends AsyncDisposable {
  readonly clock: Clock
  readonly random: Random
  readonly network: Network
  readonly shell: ShellHost
  sql(address: SqlAddress): SqlServer
  /** A UNC path as this machine reaches it. */
  localPath(unc: string): string
}

/** Opens nothing yet: each driver connects when it is first used, and is closed with the whole. */
export function openDrivers(_config: Config, _clock: Clock, _random: Random): Drivers {
  throw new Error('not built yet')
}
