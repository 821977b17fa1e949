import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startLab, type RunningLab } from '../../src/lab/lab.ts'
import { readWorld, sqlName, type World } from '../../src/lab/world.ts'

export const sample = join(import.meta.dirname, '..', '..', 'desired-state')

/** A folder that is gone when disposed. */
export function temporaryFolder(): { path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'holdfast-lab-'))
  return {
    path,
    [Symbol.dispose]() {
      rmSync(path, { recursive: true, force: true })
    },
  }
}

/** A running Contoso lab in a folder of its own; both are gone when disposed. */
export async function contosoLab(): Promise<
  RunningLab & { world: () => World; requests: () => Record<string, unknown>[] }
> {
  const folder = temporaryFolder()
  const lab = await startLab(join(folder.path, 'lab'), sample)
  return {
    ...lab,
    world: () => readWorld(lab.paths),
    requests: () =>
      readFileSync(lab.paths.requests, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    async [Symbol.asyncDispose]() {
      await lab[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    },
  }
}

/** Which of a host's ports take a connection: the number of the port, or the name of the SQL Server. */
export async function openPorts(world: World, fqdn: string): Promise<(number | string)[]> {
  const ports: [name: number | string, local: number][] = [
    ...world.hosts
      .filter((host) => host.fqdn === fqdn)
      .flatMap(({ listeners }) => listeners.map(({ port, local }): [number, number] => [port, local!])),
    ...world.sqlServers
      .filter(({ facts }) => facts.host === fqdn)
      .map(({ facts, local }): [string, number] => [sqlName(facts), local!]),
  ]
  const open = await Promise.all(ports.map(([, local]) => takesConnections(local)))
  return ports.filter((_, index) => open[index]).map(([name]) => name)
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      resolve(true)
      socket.destroy()
    }).on('error', () => {
      resolve(false)
    })
  })
}
