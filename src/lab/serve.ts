import PQueue from 'p-queue'
import { randomBytes } from 'node:crypto'
import { rmSync, watch } from 'node:fs'
import { basename } from 'node:path'
import { toProblem } from '../base/problem.ts'
import { doIt, type ActRequest } from './acts.ts'
import { breakIt, mendMounts, repairIt, type BreakRequest } from './breaks.ts'
import { changingCmdletNames } from './cmdlet-names.ts'
import { changingCmdlets } from './cmdlets-changing.ts'
import { openAuthority, type Authority } from './certificates.ts'
import { startControl } from './control.ts'
import { startDns } from './dns.ts'
import { listenTcp, openOn, type Ports } from './ports.ts'
import { readIfThere, replaceFile, type LabPaths } from './paths.ts'
import { goOn } from './life.ts'
import { openRequests, type Requests } from './requests.ts'
import { runningServices, settleReplicas } from './services.ts'
import { CmdletError } from './shell-view.ts'
import { replicatePairs } from './pairs.ts'
import { localPath } from './shares.ts'
import { isHeld } from './service-start.ts'
import { settlePools } from './user-store.ts'
import { startSqlServer } from './sql/server.ts'
import { startTls } from './tls.ts'
import {
  certificateAt,
  hostOf,
  isRunning,
  isSeen,
  parseWorld,
  primaryOf,
  same,
  saveWorld,
  sqlName,
  sqlServerOf,
  type LabHost,
  type LabListener,
  type LabSqlListener,
  type LabSqlServer,
  type World,
} from './world.ts'

interface Closable {
  close(): Promise<void>
}

/** Something that answers on a port while the facts say so. */
interface Answering {
  key: string
  port: number | null
  open: (port: number) => Promise<Closable>
  opened: (port: number) => void
}

interface Stage {
  world: World
  paths: LabPaths
  ports: Ports
  authority: Authority
  requests: Requests
  open: Map<string, Closable>
  /** Saves the state, before anybody is answered: whoever reads the file knows what was done. */
  changed: () => void
}

export interface ServedLab extends AsyncDisposable {
  readonly world: World
  /** Resolves when somebody asked the lab to end (`lab down`). */
  readonly asked: Promise<void>
}

/**
 * Brings the world to life: every machine that has power answers, until the lab is disposed. `ready` is called when
 * all ports are known and open, before anybody can learn that the lab runs.
 */
export async function serveLab(
  paths: LabPaths,
  world: World,
  ports: Ports,
  ready: (world: World) => void,
): Promise<ServedLab> {
  const requests = openRequests(paths.requests)
  let saved = ''
  let deleted = false
  const save = (): void => {
    if (!deleted) saved = saveWorld(stage.world, paths)
  }
  const stage: Stage = {
    ...{ world, paths, ports, requests, open: new Map() },
    authority: await openAuthority(paths),
    changed: save,
  }
  const turn = new PQueue({ concurrency: 1 })
  const settle = (change: () => void | Promise<void>): Promise<void> =>
    turn.add(async () => {
      await change()
      await apply(stage)
      save()
    })
  try {
    await settle(() => {})
  } catch (thrown) {
    await closeAll(stage)
    throw thrown
  }
  ready(stage.world)

  const asked = Promise.withResolvers<undefined>()
  const token = randomBytes(16).toString('hex')
  const control = await startControl(token, {
    break: (request: BreakRequest) =>
      settle(() => {
        breakIt(stage, request)
      }),
    repair: (request: BreakRequest) =>
      settle(() => {
        repairIt(stage, request)
      }),
    do: (request: ActRequest) => settle(() => doIt(stage, request)),
    cmdlet: async ({ name, parameters }) => {
      const known = changingCmdletNames.find((one) => one === name)
      if (!known) return null
      try {
        await settle(async () => {
          await changingCmdlets[known](stage, parameters)
          settlePools(stage.world)
          goOn(stage.world)
        })
        return null
      } catch (thrown) {
        if (!(thrown instanceof CmdletError)) throw thrown
        const { category, errorId, message } = thrown
        return { category, errorId, message }
      }
    },
    stop: () => {
      asked.resolve(undefined)
      return Promise.resolve()
    },
  })
  replaceFile(paths.control, `${JSON.stringify({ pid: process.pid, port: control.port, token })}\n`, 0o600)

  // A person or a test may arrange the world by editing its file.
  const watcher = watch(paths.directory, (_event, name) => {
    if (name !== basename(paths.state)) return
    turn
      .add(async () => {
        const text = readIfThere(paths.state)
        if (text === saved) return
        if (text === null) {
          // Somebody deleted the lab: it must not stay as a process without a folder.
          deleted = true
          asked.resolve(undefined)
          return
        }
        try {
          stage.world = parseWorld(text, paths)
        } catch {
          return // half-written: the next event brings the rest
        }
        await apply(stage)
        save()
      })
      .catch((thrown: unknown) => {
        requests.record({ kind: 'error', message: toProblem(thrown).message })
      })
  })

  return {
    get world() {
      return stage.world
    },
    asked: asked.promise,
    async [Symbol.asyncDispose]() {
      watcher.close()
      await control.close()
      await turn.add(async () => {
        await closeAll(stage)
        mendMounts(stage)
        save()
      })
      requests[Symbol.dispose]()
      rmSync(paths.control, { force: true })
    },
  }
}

/** Closes what the facts no longer let answer, then opens what they do. */
async function apply(stage: Stage): Promise<void> {
  settleReplicas(stage.world)
  settlePools(stage.world)
  replicatePairs(stage.world)
  const wanted = answering(stage)
  const keys = new Set(wanted.map(({ key }) => key))
  const gone = [...stage.open].filter(([key]) => !keys.has(key))
  for (const [key] of gone) stage.open.delete(key)
  await Promise.all(gone.map(([, one]) => one.close()))
  const opening = await Promise.allSettled(
    wanted
      .filter(({ key }) => !stage.open.has(key))
      .map(async ({ key, port, open, opened }) => {
        const got = await openOn(port, key, open, stage.ports)
        opened(got.port)
        stage.open.set(key, got.opened)
      }),
  )
  stage.world.ports.blocks = [...stage.ports.blocks]
  for (const one of opening) if (one.status === 'rejected') throw one.reason
}

async function closeAll({ open }: Stage): Promise<void> {
  await Promise.all([...open.values()].map((one) => one.close()))
  open.clear()
}

function answering(stage: Stage): Answering[] {
  const { world } = stage
  const runs = runningServices(world)
  const isNear = (fqdn: string): boolean => isSeen(world, hostOf(world, fqdn), 'daemon')
  return [
    ...(world.cutOff ? [] : [dnsServer(stage)]),
    ...world.hosts
      .filter((host) => isSeen(world, host, 'daemon'))
      .flatMap((host) => portsOf(stage, host, (one) => isOpen(host, one, runs))),
    ...world.sqlServers
      .filter((server) => isRunning(world, server) && isNear(server.facts.host))
      .map((server) => sqlServer(stage, server)),
    ...world.sqlListeners
      .filter((listener) => isNear(listener.fqdn) && primaryOf(world, listener))
      .map((listener) => sqlListener(stage, listener)),
  ]
}

function isOpen(host: LabHost, { tls, service }: LabListener, runs: ReturnType<typeof runningServices>): boolean {
  return !(tls && host.bare) && (service === null || runs(host, service))
}

function dnsServer(stage: Stage): Answering {
  return {
    key: 'name server',
    port: stage.world.ports.dns,
    open: (port) => startDns(port, () => stage.world, stage.requests),
    opened: (port) => (stage.world.ports.dns = port),
  }
}

function portsOf(stage: Stage, host: LabHost, isOpen: (listener: LabListener) => boolean): Answering[] {
  return host.listeners.filter(isOpen).map((listener) => ({
    key: `${host.fqdn} port ${listener.port}`,
    port: listener.local,
    open: (port) =>
      listener.tls
        ? startTls(port, endPoint(stage, host.fqdn, listener.port), stage.authority, stage.requests)
        : listenTcp(port, (socket) => socket.resume()),
    opened: (port) => (listener.local = port),
  }))
}

function endPoint(stage: Stage, host: string, port: number): Parameters<typeof startTls>[1] {
  return { host, port, certificate: () => certificateAt(stage.world, host, port) }
}

function sqlServer(stage: Stage, server: LabSqlServer): Answering {
  const name = sqlName(server.facts)
  return {
    key: `SQL Server ${name}`,
    port: server.local,
    open: (port) =>
      startSql(
        stage,
        { host: server.facts.host, name },
        port,
        () => sqlServerOf(stage.world, name)?.facts ?? server.facts,
      ),
    opened: (port) => (server.local = port),
  }
}

function sqlListener(stage: Stage, listener: LabSqlListener): Answering {
  const facts = (): LabSqlServer['facts'] => {
    const primary = primaryOf(stage.world, listener)
    if (!primary) throw new Error('no replica is primary')
    return primary.facts
  }
  const name = sqlName({ host: listener.fqdn, instance: listener.instance })
  return {
    key: `listener ${name} at ${sqlName(facts())}`,
    port: listener.local,
    open: (port) => startSql(stage, { host: listener.fqdn, name }, port, facts),
    opened: (port) => (listener.local = port),
  }
}

async function startSql(
  stage: Stage,
  { host, name }: { host: string; name: string },
  port: number,
  facts: () => LabSqlServer['facts'],
): Promise<Closable> {
  const certificate = stage.world.certificates.find(({ fqdn }) => same(fqdn, host))
  return startSqlServer({
    facts,
    port,
    changed: stage.changed,
    toLocal: (unc) => localPath(stage.world, stage.paths, unc),
    isHeld: (database) => isHeld(stage.world, name, database),
    certificate: certificate ? await stage.authority.material(certificate) : null,
    record: (entry) => {
      stage.requests.record({ kind: 'sql', ...entry })
    },
  })
}
