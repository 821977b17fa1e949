import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Problem, systemCode, toProblem } from '../base/problem.ts'
import { randomId, systemRandom, type Random } from '../base/random.ts'
import { checkShape } from '../base/shape.ts'
import { readYaml, type YamlDocument } from '../base/yaml.ts'
import { readGit, type GitConfig } from './config-git.ts'
import { readShell, type ShellConfig } from './config-shell.ts'
import { readHost, readSqlDefaults, type HostConfig, type SqlDefaults } from './config-sql.ts'
import { configInvalid, type ConfigFault } from './faults.ts'
import { resolvePath } from './git-url.ts'
import { makeOwner, readOwner } from './owner.ts'
import { configSchema, type ConfigFields } from './schema.ts'
import { openReferences, referencesIn, type Secret } from './secrets.ts'

/** `holdfast.yaml`: what this daemon needs to reach the world. It is outside the repository of desired state. */

export type { HostConfig, SqlConfig, SqlDefaults } from './config-sql.ts'

export interface Config {
  /** Absolute path of the file it was read from. */
  file: string
  git: GitConfig
  /** Absolute path of the state store. */
  state: string
  /** Random id of this daemon, kept in `owner.id` beside the file. */
  owner: string
  listen: { host: string; port: number }
  /** UNC prefix -> as this machine reaches it; longest prefix first. */
  pathMap: readonly { unc: string; local: string }[]
  shell: ShellConfig | null
  dns: { servers: readonly string[] }
  /** No fact is looked at less often; null: each at its own pace. */
  looks: { atLeastEverySeconds: number | null }
  limits: { sqlInstance: number; share: number; shellHost: number; overall: number }
  /** FQDN in lower case -> how to reach it. */
  hosts: Readonly<Record<string, HostConfig>>
  sql: SqlDefaults
  log: { level: string }
}

/** What a command that only reads needs of the file: neither secrets nor the id of the daemon. */
export interface Settings extends Pick<Config, 'file' | 'git' | 'state'> {
  /** All of it, to look at the world with; null where this account may not. */
  config: Config | null
  /** What it may not read, as sentences. */
  lacks: readonly string[]
}

/**
 * For commands that act or look: reads and checks the file, and registers every secret as it is read. `owner`: whether
 * `owner.id` beside it is made when missing, or left out, and this is then the id of nobody. Throws a Problem
 * `config-invalid` that lists all faults.
 */
export async function readConfig(
  file: string,
  owner: 'make' | 'leave' = 'make',
  random: Random = systemRandom,
): Promise<Config> {
  const { config, faults } = await read(file)
  if (faults.length > 0) throw configInvalid(config.file, faults)
  const id = owner === 'make' ? await makeOwner(config.file, random) : await readOwner(config.file)
  return { ...config, owner: id ?? randomId(random) }
}

/** For commands that read: a secret or an id that this account may not read is no fault. Makes nothing. */
export async function readSettings(file: string, random: Random = systemRandom): Promise<Settings> {
  const { config, faults } = await read(file)
  const { git, state } = config
  const settings = { file: config.file, git, state }
  const lacks = faults.map(({ message }) => message)
  try {
    const owner = (await readOwner(config.file)) ?? randomId(random)
    return { ...settings, config: lacks.length === 0 ? { ...config, owner } : null, lacks }
  } catch (thrown) {
    return { ...settings, config: null, lacks: [...lacks, toProblem(thrown).message] }
  }
}

/** What the file refers to and does not hold: nothing of it is read. Throws Problem `config-invalid`. */
export async function readReferences(file: string): Promise<Secret[]> {
  const path = resolve(file)
  return referencesIn(parse(path, await readText(path)).fields)
}

/** The file, and what of its secrets cannot be read: these are empty. Throws when the file itself is not valid. */
async function read(file: string): Promise<{ config: Omit<Config, 'owner'>; faults: ConfigFault[] }> {
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
  const config = {
    file: path,
    git,
    state: resolvePath(folder, fields.state),
    listen: readListen(fields.listen),
    pathMap: Object.entries(fields.pathMap)
      .map(([unc, local]) => ({ unc, local: resolvePath(folder, local) }))
      .sort((a, b) => b.unc.length - a.unc.length),
    shell,
    dns: fields.dns,
    looks: { atLeastEverySeconds: fields.looks.atLeastEvery ?? null },
    limits: fields.limits,
    hosts,
    sql,
    log: fields.log,
  }
  return { config, faults }
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
