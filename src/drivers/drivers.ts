import { dirname } from 'node:path'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Random } from '../base/random.ts'
import type { Config } from '../config/config.ts'
import { openChildList } from './child/child-list.ts'
import { foldSubject } from '../domain/subject.ts'
import { localPathOf } from './local-path.ts'
import { openNetwork, type Network } from './network/network.ts'
import type { ShellHost } from './shell/host.ts'
import { forLooking } from './shell/probe-shell.ts'
import { openShellHost } from './shell/shell-host.ts'
import type { SqlAddress, SqlServer } from './sql/sql-server.ts'
import { openSqlServer } from './sql/connected-server.ts'
import { targetOf } from './sql/target.ts'

/** Every way in which the daemon touches the world, opened from one configuration. */
export interface Drivers extends AsyncDisposable {
  readonly clock: Clock
  readonly random: Random
  readonly network: Network
  readonly shell: ShellHost
  /** A session of its own for looking, so that a long export never blinds the probes, and no look delays an export. */
  readonly probeShell: ShellHost
  /** The same instance for the same address, however its name is written. */
  sql(address: SqlAddress): SqlServer
  /** A UNC path as this machine reaches it. Throws `path-not-mapped` or `path-refused`. */
  localPath(unc: string): string
}

/**
 * Opens nothing yet: each driver connects when it is first used, and is closed with the whole. `acting`: this process
 * holds the lease, and has this log; left out: it does not, and others may be at work beside it.
 */
export function openDrivers(config: Config, clock: Clock, random: Random, acting: { log: Log } | null = null): Drivers {
  const asActor = acting && {
    ...acting,
    actor: config.owner,
    children: openChildList(config.state, random, clock),
  }
  const shellOptions = { settings: config.shell, folder: dirname(config.file), clock, random, ...asActor }
  const shell = openShellHost(shellOptions)
  const probeShell = forLooking(openShellHost(shellOptions), clock)
  const servers = new Map<string, SqlServer & AsyncDisposable>()

  function sql(address: SqlAddress): SqlServer {
    const target = targetOf(config, address)
    const key = `${foldSubject(target.subject)} ${target.port ?? ''}`
    const known = servers.get(key)
    if (known) return known
    const opened = openSqlServer(target, clock)
    servers.set(key, opened)
    return opened
  }

  return {
    clock,
    random,
    network: openNetwork(config),
    shell,
    probeShell,
    sql,
    localPath: (unc) => localPathOf(config.pathMap, unc, process.platform),
    async [Symbol.asyncDispose]() {
      await Promise.allSettled([shell, probeShell, ...servers.values()].map((driver) => driver[Symbol.asyncDispose]()))
    },
  }
}
