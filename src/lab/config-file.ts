import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { replaceFile, type LabPaths } from './paths.ts'
import { desiredStateFolder } from './repository.ts'
import { folderOf } from './shares.ts'
import { same, type World } from './world.ts'

export const sqlUser = 'holdfast'

/** Hosts of a lab in which the daemon looks often, so that what is broken shows soon; a large one costs what it costs. */
const small = 100

/** The daemon's configuration: the lab is reached as any deployment behind tunnels would be. */
export function writeConfig(paths: LabPaths, world: World): void {
  const config = {
    git: { url: paths.repository, branch: 'main', path: desiredStateFolder },
    state: './state.db',
    listen: `127.0.0.1:${world.ports.daemon}`,
    pathMap: Object.fromEntries(world.shares.map((share) => [share.unc, folderOf(paths, share)])),
    shell: {
      transport: 'local',
      command: [process.execPath, fileURLToPath(new URL('./shell-host.js', import.meta.url)), paths.directory],
      scratch: paths.scratch,
    },
    ...(world.hosts.length <= small ? { looks: { atLeastEvery: '15s' } } : {}),
    dns: { servers: [`127.0.0.1:${world.ports.dns ?? 53}`] },
    sql: { user: sqlUser, password: { file: paths.password }, encrypt: true, ca: paths.authority },
    hosts: Object.fromEntries(world.hosts.map((host) => [host.fqdn, hostConfig(world, host.fqdn)])),
  }
  const note = '# Made by "holdfast lab up": leads into the simulated deployment in this folder.\n'
  replaceFile(paths.config, note + stringify(config, { lineWidth: 0 }), 0o600)
}

function hostConfig(world: World, fqdn: string): object {
  const host = world.hosts.find((one) => same(one.fqdn, fqdn))
  const ports = host?.listeners.map(({ port, local }) => [port, local]) ?? []
  const servers = world.sqlServers.map(({ local, facts }) => ({ fqdn: facts.host, instance: facts.instance, local }))
  const instances = [...servers, ...world.sqlListeners]
    .filter((one) => same(one.fqdn, fqdn))
    .map(({ instance, local }) => [instance.toLowerCase(), local])
  return {
    address: '127.0.0.1',
    ports: Object.fromEntries(ports) as object,
    ...(instances.length === 0 ? {} : { sql: { instances: Object.fromEntries(instances) as object } }),
  }
}
