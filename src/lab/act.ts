import { Problem } from '../base/problem.ts'
import type { Bench } from './break.ts'
import { hostOf, type LabHost, type World } from './world.ts'

/** One thing that administrators do with their own hands, and what becomes of the world then. */
export interface Act {
  kind: string
  /** The first one is the default; empty: there is nothing to choose. */
  details: readonly string[]
  /** What the detail is, where it is a path: of a file or folder of this machine, or a UNC path. */
  path?: string
  /** For a person: what it does, and what it needs. */
  does: string
  subjects: (bench: Bench) => string[]
  /** Further subjects that cannot be listed. */
  accepts?: (bench: Bench, subject: string) => boolean
  /** Further details that cannot be listed. */
  takes?: (bench: Bench, detail: string) => boolean
  /** Throws Problem `lab-act-impossible`, or a CmdletError, before it changes anything, as the tool of the vendor would refuse. */
  apply: (bench: Bench, subject: string, detail: string) => void | Promise<void>
}

/** What the tool says that refuses. */
export function impossible(subject: string, message: string): Problem {
  return new Problem('lab-act-impossible', {
    subject,
    message,
    hint: 'holdfast lab do --list says what each act needs.',
  })
}

/** Every machine that Windows can be installed on. */
export function machines({ world }: Bench): string[] {
  return world.hosts.filter(({ roles }) => !roles.includes('sql-listener')).map(({ fqdn }) => fqdn)
}

/** The machine to work on. Throws Problem `lab-act-impossible` when nobody can log on to it. */
export function machineAt(world: World, fqdn: string): LabHost {
  const host = hostOf(world, fqdn)
  if (host?.powered === true) return host
  throw impossible(fqdn, 'The machine does not answer: there is nothing to log on to.')
}

/** The same, for what needs an account of the domain. */
export function memberAt(world: World, fqdn: string): LabHost {
  const host = machineAt(world, fqdn)
  if (host.joined === false)
    throw impossible(fqdn, 'The machine is in no domain, so no account of the domain can log on to it.')
  return host
}
