/** What a reader of the result should know about the document as a whole. */
import type { Service, TopologyDocument } from './document.ts'
import { isKnownRole } from './roles.ts'
import type { Warning } from './warning.ts'

export function notesOn(document: TopologyDocument): Warning[] {
  return [...draft(document), ...dangling(document), ...lossy(document), ...unknownRoles(document)]
}

function draft({ carrier, draft: isDraft }: TopologyDocument): Warning[] {
  const evidence: Warning = {
    code: 'import-assumed',
    message: 'A Topology Builder file does not prove the live state: compare what was imported with Get-CsTopology.',
  }
  const notes = carrier === 'builder-file' ? [evidence] : []
  if (!isDraft) return notes
  return [
    {
      code: 'import-draft',
      message: 'This document is a draft: what was imported is a plan, and may differ from the deployment as it is.',
    },
    ...notes,
  ]
}

function dangling(document: TopologyDocument): Warning[] {
  return document.dangling.map(({ role, from, to }) => ({
    code: 'import-dangling-reference',
    message: `${role} ${from} refers to ${to}, which is not in the document. What depends on it was left out.`,
  }))
}

/** `?` and U+FFFD are where a character was lost on the way into the file (section 9, trap 1). */
function lossy({ sites, clusters, services }: TopologyDocument): Warning[] {
  const names = [
    ...sites.map(({ name }) => name),
    ...clusters.flatMap(({ fqdn, machines }) => [fqdn, ...machines]),
    ...services.flatMap(({ share }) => share ?? []),
  ]
  const lost = [...new Set(names.filter((name) => /[?\uFFFD]/.test(name)))]
  if (lost.length === 0) return []
  return [
    {
      code: 'import-lossy-encoding',
      message: `Characters were lost when the file was written, in: ${lost.slice(0, 5).join(', ')}. Write it again with -Encoding utf8 (ascii turns umlauts into question marks).`,
    },
  ]
}

function unknownRoles({ services }: TopologyDocument): Warning[] {
  const unknown = Map.groupBy(
    services.filter((service) => !isKnownRole(service)),
    ({ role }) => role.toLowerCase(),
  )
  return [...unknown.values()].map(unknownRole)
}

function unknownRole(services: readonly Service[]): Warning {
  const role = services[0]?.role ?? ''
  const hosts = services.map(({ cluster, sqlInstance }) => (cluster ?? sqlInstance?.cluster)?.fqdn ?? 'an unknown host')
  const where = `The role ${role} on ${[...new Set(hosts)].sort().slice(0, 10).join(', ')} is not known`
  const isStore = /store$/i.test(role) && services.some(({ sqlInstance }) => sqlInstance !== null)
  return {
    code: 'import-unknown-role',
    message: isStore
      ? `ATTENTION: ${where}, and looks like a store on a SQL instance. Find out whether its databases need a backup: none will be made.`
      : `${where}: nothing of it will be backed up.`,
  }
}
