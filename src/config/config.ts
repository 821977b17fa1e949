import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Problem, systemCode } from '../base/problem.ts'
import { systemRandom, type Random } from '../base/random.ts'
import { checkShape } from '../base/shape.ts'
import { readYaml, type YamlDocument } from '../base/yaml.ts'
import { readGit, type GitConfig } from './config-git.ts'
import { readShell, type ShellConfig } from './config-shell.ts'
import { readHost, readSqlDefaults, type HostConfig, type SqlDefaults } from './config-sql.ts'
import { configInvalid, type ConfigFault } from './faults.ts'
import { resolvePath } from './git-url.ts'
import { readOwner } from './owner.ts'
import { configSchema, type ConfigFields } from './schema.ts'
import { openReferences } from './secrets.ts'

/** `holdfast.yaml`: what this daemon needs to reach the world. It is outside the repository of desired state. */

export type { HostConfig, SqlConfig, SqlDefaults } from './config-sql.ts'

export interface Config {
  /** Absolute path of the file it was read from. */
  file: string
  git: GitConfig
  /** Absolute path of the state store. */
  state: string
  /** Random id of this daemon, kept in `owner.id` beside the file; made when missing. */
  owner: string
  listen: { host: string; port: number }
  /** UNC prefix -> as this machine reaches it; longest prefix first. */
  pathMap: readonly { unc: string; local: string }[]
  shell: ShellConfig | null
  dns: { servers: readonly string[] }
  limits: { sqlInstance: number; share: number; shellHost: number; overall: number }
  /** FQDN in lower case -> how to reach it. */
  hosts: Readonly<Record<string, HostConfig>>
  sql: SqlDefaults
  log: { level: string }
}

/**
 * Reads and checks the file; registers every secret as it is read; makes `owner.id` beside it when missing. Throws a
 * Problem `config-invalid` that lists all faults.
 */
export async function readConfig(file: string, random: Random = systemRandom): Promise<Config> {
  const path = resolve(file)
  const document = parse(path, await readText(path))
  const folder = dirname(path)
  const faults: ConfigFault[] = []
  const references = openReferences(folder, process.env, (at, message) => faults.push({ ...document.at(at), message }))
  const { fields } = document
  const git = await readGit(fields.git, folder, references)
  const sql = await readSqlDefaults(fields.sql, references)
  const hosts: Record<string, HostConfig> = {}
  for (const [name, host] of Object.entries(fields.hosts))
    hosts[name.toLowerCase()] = await readHost(name, host, sql, references)
  const shell = fields.shell ? await readShell(fields.shell, folder, references) : null
  if (faults.length > 0) throw configInvalid(path, faults)
  return {
    file: path,
    git,
    state: resolvePath(folder, fields.state),
    owner: await readOwner(path, random),
    listen: readListen(fields.listen),
    pathMap: Object.entries(fields.pathMap)
      .map(([unc, local]) => ({ unc, local: resolvePath(folder, local) }))
      .sort((a, b) => b.unc.length - a.unc.length),
    shell,
    dns: fields.dns,
    limits: fields.limits,
    hosts,
    sql,
    log: fields.log,
  }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (thrown) {
    throw new Problem('config-invalid', {
      subject: file,
      message: `The configuration cannot be read (${systemCode(thrown) ?? String(thrown)}).`,
      hint: 'Give its path with --config, or go to the folder of holdfast.yaml.',
      cause: thrown,
    })
  }
}

function parse(file: string, text: string): { fields: ConfigFields; at: YamlDocument['at'] } {
  const [document, another] = readYaml(file, text)
  if (!document) throw configInvalid(file, [{ file, line: 1, column: 1, message: 'The file is empty.' }])
  if (document.errors.length > 0) throw configInvalid(file, document.errors)
  if (another)
    throw configInvalid(file, [{ ...another.at([]), message: 'A second document begins here; a file may hold one.' }])
  const shape = checkShape(configSchema, document, [], false) // values may be secrets: none is repeated
  if (shape.ok) return { fields: shape.value, at: document.at }
  throw configInvalid(
    file,
    shape.faults.map(({ hint, ...fault }) => ({ ...fault, message: `${fault.message}. ${hint}` })),
  )
}

function readListen(text: string): Config['listen'] {
  const colon = text.lastIndexOf(':')
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) }
}
