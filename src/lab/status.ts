import { order } from './control.ts'
import { labPaths } from './paths.ts'
import { folderOf } from './shares.ts'
import { readWorld } from './world.ts'

export interface LabStatus {
  directory: string
  /** Process id of the lab that serves this folder; null when it is down. */
  pid: number | null
  config: string
  repository: string
  clone: string
  /** Local folder of the first backup share. */
  share: string
  topology: string
  /** Address of the daemon's page. */
  listen: string
  hosts: { fqdn: string; roles: string[]; address: string; state: 'up' | 'down' }[]
  broken: { kind: string; subject: string; detail: string; at: string }[]
}

/** Where everything of a lab is, and which machines have power. */
export async function labStatus(directory: string): Promise<LabStatus> {
  const paths = labPaths(directory)
  const world = readWorld(paths)
  const pid = await order(paths, 'ping')
  const backups = world.shares.find(({ holds }) => holds === 'backups')
  return {
    ...{ directory, pid, config: paths.config, repository: paths.repository, clone: paths.clone },
    share: backups ? folderOf(paths, backups) : paths.shares,
    topology: paths.topology,
    listen: `127.0.0.1:${world.ports.daemon}`,
    hosts: world.hosts.map(({ fqdn, roles, powered }) => ({
      ...{ fqdn, roles, address: '127.0.0.1' },
      state: pid !== null && powered ? 'up' : 'down',
    })),
    broken: world.changes.map(({ kind, subject, detail, at }) => ({ kind, subject, detail, at })),
  }
}
