import { exactSize, formatDuration } from '../../base/units.ts'
import type { Acknowledgement, Desired, HighAvailability, Pool, Recovery, SqlStore, Word } from '../../domain/model.ts'
import { foldSubject, sqlSubject } from '../../domain/subject.ts'
import type { Rows } from './row.ts'

type Value = string | number | null | readonly string[]

/** A resource as a reviewer sees it: fields by the names they have in the files, values in words. */
interface FlatResource {
  what: string
  subject: string
  fields: Readonly<Record<string, Value>>
}

/** Adds a row for each resource that came or went, and for each field that changed; policies have their own rows. */
export function compareResources(base: Desired, head: Desired, { added, removed, changed }: Rows): void {
  const [before, after] = [byKey(base), byKey(head)]
  for (const [key, { what, subject, fields }] of after) {
    const old = before.get(key)
    if (!old) added.push({ what, subject })
    else
      for (const [field, is] of Object.entries(fields)) {
        const was = old.fields[field] ?? null
        if (inWords(was) !== inWords(is))
          changed.push({ what, subject, field, before: inWords(was), after: inWords(is), ...entries(was, is) })
      }
  }
  for (const [key, { what, subject }] of before) if (!after.has(key)) removed.push({ what, subject })
}

function byKey(desired: Desired): Map<string, FlatResource> {
  return new Map(resources(desired).map((one) => [`${one.what} ${foldSubject(one.subject)}`, one]))
}

function resources({ deployment, pools, sqlStores, fileStores, locations, ...intents }: Desired): FlatResource[] {
  const { name, graceSeconds, centralManagementStore, keptElsewhere, product, domain, sipDomains } = deployment
  const elsewhere = keptElsewhere.map(
    ({ what, where, responsible, checkedOn }) => `${what} (${where}; ${responsible}; checked on ${checkedOn})`,
  )
  const head: FlatResource = {
    what: 'deployment',
    subject: name,
    fields: {
      ...{ product, domain, sipDomains, keptElsewhere: elsewhere, grace: formatDuration(graceSeconds) },
      centralManagementStore: centralManagementStore?.name ?? null,
    },
  }
  return [
    head,
    ...pools.map(flatPool),
    ...sqlStores.map(flatSqlStore),
    ...fileStores.map(({ name: subject, path, serviceFolders, exclude }) => ({
      what: 'file-store',
      subject,
      fields: { path, serviceFolders, exclude: exclude.map(({ pattern, reason }) => `${pattern} (${reason})`) },
    })),
    ...locations.map(({ name: subject, host, share, minimumFree, copies }) => ({
      what: 'location',
      subject,
      fields: { host, share, minimumFree: exactSize(minimumFree), copies: copies.map((copy) => copy.share) },
    })),
    ...intents.recoveries.map(flatRecovery),
    ...intents.userRecoveries.map(({ name: subject, user, pool, from }) => ({
      what: 'recovery',
      subject,
      fields: { user, pool, from },
    })),
    ...intents.holds.map(({ name: subject, ...fields }) => ({ what: 'hold', subject, fields })),
    ...intents.suspensions.map(({ name: subject, ...fields }) => ({ what: 'suspension', subject, fields })),
  ]
}

function flatRecovery(recovery: Recovery): FlatResource {
  const { name: subject, file: _file, accept, acknowledge, choose, finished, ...rest } = recovery
  const said = ({ by, at }: Word): string => `${at} by ${by}`
  const step = ({ step: id, subject: about }: Acknowledgement): string => (about === null ? id : `${id} of ${about}`)
  const fields = {
    ...rest,
    accept: accept.map(
      (one) => `${[one.what, one.subject, one.fact].filter((part) => part !== null).join(' of ')}, ${said(one)}`,
    ),
    acknowledge: acknowledge.map((one) => `${step(one)}, ${said(one)}`),
    choose: choose.map((one) => `${step(one)}: ${one.branch}, ${said(one)}`),
    finished: finished === null ? null : said(finished),
  }
  return { what: 'recovery', subject, fields }
}

function flatPool({ fqdn, stores, fileStore, ...rest }: Pool): FlatResource {
  const { user: userStore, ...others } = stores
  const { archiving, monitoring, persistentChat, compliance } = others
  const used = { userStore, archiving, monitoring, persistentChat, compliance }
  const names = Object.entries(used).map(([field, store]): [string, Value] => [field, store?.name ?? null])
  const fields = { ...rest, ...Object.fromEntries(names), fileStore: fileStore?.name ?? null }
  return { what: 'pool', subject: fqdn, fields }
}

function flatSqlStore({ name, instance, highAvailability, ...rest }: SqlStore): FlatResource {
  const fields = { ...rest, instance: instance || 'the default one', highAvailability: modeInWords(highAvailability) }
  return { what: 'sql-store', subject: name, fields }
}

function modeInWords(mode: HighAvailability): string {
  switch (mode.kind) {
    case 'none':
      return 'none'
    case 'mirror':
      return `mirror with ${sqlSubject(mode.partner)}, ${mode.witness === null ? 'no witness' : `witness ${mode.witness}`}`
    case 'availability-group':
      return `availability group ${mode.listener} of ${mode.replicas.join(', ')}`
    case 'failover-cluster':
      return `failover cluster of ${mode.nodes.join(', ')}`
  }
}

function inWords(value: Value): string {
  const text = typeof value === 'object' ? (value ?? []).join(', ') : `${value}`
  return text === '' ? 'none' : text
}

/** What came into a list and what went. A list in another order alone is shown as a whole. */
function entries(was: Value, is: Value): { gained?: string[]; lost?: string[] } {
  if (!Array.isArray(was) || !Array.isArray(is)) return {}
  const [before, after]: [readonly string[], readonly string[]] = [was, is]
  const gained = after.filter((entry) => !before.includes(entry))
  const lost = before.filter((entry) => !after.includes(entry))
  return gained.length + lost.length === 0 ? {} : { gained, lost }
}
