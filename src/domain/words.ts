/** The alphabet of the design: the closed lists of words, and what is named by them. It imports nothing of the house. */

/** What a statement is about, as text; made and compared only by `subject.ts`. */
export type Subject = string
/** `<policy>/<folder name>` */
export type SetId = string

export const causes = ['scheduled', 'intentional', 'corrective', 'manual'] as const
export type Cause = (typeof causes)[number]

/** What a verification looked at; each level contains those before it, up to `content`. */
export const levels = ['structure', 'checksum', 'content', 'sql', 'restore'] as const
export type Level = (typeof levels)[number]

export const itemKinds = [
  'configuration',
  'location-information',
  'environment',
  'directory-record',
  'user-data',
  'response-groups',
  'call-park',
  'sql-database',
  'persistent-chat',
  'file-store',
] as const
export type ItemKind = (typeof itemKinds)[number]

/** One artefact that a set must hold. */
export interface Item {
  kind: ItemKind
  subject: Subject
}

export const setStates = ['in-progress', 'complete', 'partial', 'interrupted', 'damaged'] as const
export type SetState = (typeof setStates)[number]

export const itemStates = ['ok', 'suspect', 'failed', 'skipped', 'damaged'] as const
export type ItemState = (typeof itemStates)[number]

/** Of a suspect item: what it holds cannot be relied on; or it can, but for the gaps that are named. */
export const doubts = ['content', 'incomplete'] as const
export type Doubt = (typeof doubts)[number]

export const outcomes = ['done', 'partial', 'failed', 'refused', 'interrupted'] as const
export type Outcome = (typeof outcomes)[number]

/** The closed list of promises that Holdfast always answers for: one row per type and subject, also when all is well. */
export const conditionTypes = [
  'SourceFresh',
  'SourceValid',
  'SourceVerified',
  'LocationReady',
  'BackupCurrent',
  'Verified',
  'Restorable',
] as const
export type ConditionType = (typeof conditionTypes)[number]

/** What a host, a database or a file store is seen to be (design, section 6). A flag rises on the last three alone. */
export const classes = ['healthy', 'degraded', 'unreachable', 'unknown', 'absent', 'clean', 'half-built'] as const
export type Class = (typeof classes)[number]

/** The restore procedures (domain reference, section 6.1). */
export const scenarios = [
  'central-management',
  'standard-edition',
  'back-end',
  'mirror-partner',
  'member-server',
  'archiving-monitoring',
  'persistent-chat',
  'file-store',
  'pool',
] as const
export type Scenario = (typeof scenarios)[number]
