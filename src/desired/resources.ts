/** The kinds of resources as people write them: one zod schema for each. */
import { z } from 'zod'
import type { Located } from '../base/yaml.ts'
import { deploymentSpec } from './specs/deployment.ts'
import { holdSpec, recoverySpec, suspensionSpec } from './specs/intents.ts'
import { locationSpec } from './specs/location.ts'
import { poolName, resourceName, simpleName } from './specs/names.ts'
import { policySpec } from './specs/policy.ts'
import { poolSpec } from './specs/pool.ts'
import { fileStoreSpec, sqlStoreSpec } from './specs/stores.ts'

export const apiVersion = 'holdfast/v1'

function resource<K extends string, N extends z.ZodType<string>, S extends z.ZodType>(kind: K, name: N, spec: S) {
  return z
    .strictObject({
      apiVersion: z.literal(apiVersion).describe(`Always \`${apiVersion}\`.`),
      kind: z.literal(kind).describe(`Always \`${kind}\`.`),
      metadata: z.strictObject({ name }).describe('What names the resource.'),
      spec,
    })
    .describe(spec.description ?? kind)
}

const plain = simpleName.describe('Letters, digits, `-` and `_`; no dots.')
const named = resourceName.describe('The name by which other resources refer to it.')

export const resourceSchemas = {
  Deployment: resource('Deployment', plain, deploymentSpec),
  Pool: resource('Pool', poolName, poolSpec),
  SqlStore: resource('SqlStore', named, sqlStoreSpec),
  FileStore: resource('FileStore', named, fileStoreSpec),
  BackupLocation: resource('BackupLocation', plain, locationSpec),
  BackupPolicy: resource('BackupPolicy', plain, policySpec),
  Recovery: resource('Recovery', named, recoverySpec),
  Hold: resource('Hold', named, holdSpec),
  Suspension: resource('Suspension', named, suspensionSpec),
} as const

export type Kind = keyof typeof resourceSchemas
export const kinds = Object.keys(resourceSchemas) as Kind[]

/** One resource whose own fields are in order. */
export interface Resource<K extends Kind = Kind> {
  kind: K
  name: string
  spec: z.output<(typeof resourceSchemas)[K]>['spec']
  /** Where the value at a path of the document is. */
  at: (path: readonly PropertyKey[]) => Located
}

/** A resource that somebody wrote; null where its own fields are wrong. */
export interface Mention {
  kind: Kind
  name: string
  resource: Resource | null
  at: Resource['at']
}

/** Everything that one revision says, before the references between its parts are checked. */
export interface Resources {
  all<K extends Kind>(kind: K): readonly Resource<K>[]
  /** By name, without regard to case. */
  find<K extends Kind>(kind: K, name: string): Resource<K> | null
  /** Every resource that was written, also those whose fields are wrong. */
  mentioned(): readonly Mention[]
  /** Whether somebody wrote a resource of that name, even if its fields are wrong. */
  mentions(kind: Kind, name: string): boolean
}
