import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Where everything of a lab stands; all absolute. */
export interface LabPaths {
  directory: string
  state: string
  /** There while the lab is made: the id of the process that does. */
  unfinished: string
  control: string
  config: string
  repository: string
  clone: string
  topology: string
  shares: string
  /** What was taken away from `shares` for a while. */
  away: string
  scratch: string
  certificates: string
  authority: string
  password: string
  requests: string
  output: string
}

export function labPaths(directory: string): LabPaths {
  return {
    directory,
    state: join(directory, 'lab.json'),
    unfinished: join(directory, 'lab.unfinished'),
    control: join(directory, 'control.json'),
    config: join(directory, 'holdfast.yaml'),
    repository: join(directory, 'repository.git'),
    clone: join(directory, 'clone'),
    topology: join(directory, 'topology.xml'),
    shares: join(directory, 'shares'),
    away: join(directory, 'away'),
    scratch: join(directory, 'scratch'),
    certificates: join(directory, 'certificates'),
    authority: join(directory, 'certificates', 'authority.pem'),
    password: join(directory, 'sql-password'),
    requests: join(directory, 'log', 'requests.jsonl'),
    output: join(directory, 'log', 'lab.log'),
  }
}

/** The file holds either the old or the new text, never a part. */
export function replaceFile(file: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(file), { recursive: true })
  const temporary = `${file}.${process.pid}.new`
  writeFileSync(temporary, text, { mode })
  renameSync(temporary, file)
}

/** The file's text, or null where there is none. */
export function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw thrown
  }
}
