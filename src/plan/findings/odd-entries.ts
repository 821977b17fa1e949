import type { OddEntry } from '../../domain/facts.ts'
import type { Finding } from '../../domain/statement.ts'
import type { Digest } from '../digest.ts'
import type { Fresh } from '../standing.ts'
import type { FindingRule } from './rule.ts'

const code = 'share-entry-odd'
/** Named one by one for each location; the rest are one row, so that no plan grows with what somebody plants. */
const mostNamed = 50

/** What stands on a share and is not what its name says. A look that could not list the share closes none of them. */
export const oddEntries: FindingRule = { codes: [code], find, isDark }

function find({ desired, observed }: Digest): Fresh<Finding>[] {
  return desired.locations.flatMap(({ name, share }) => {
    const seen = observed.facts.location.get(name)
    const odd = seen?.known ? (seen.value.odd ?? []) : []
    const more = odd.length - mostNamed
    return [
      ...odd.slice(0, mostNamed).map(oddEntry),
      ...(more > 0 ? [oddEntry({ path: share, what: `holds ${more} more entries that Holdfast does not make` })] : []),
    ]
  })
}

function oddEntry({ path, what }: OddEntry): Fresh<Finding> {
  return {
    code,
    severity: 'error',
    subject: path,
    desired: 'only what Holdfast makes',
    observed: what,
    message: `It ${what}.`,
  }
}

function isDark({ subject }: Finding, { desired, observed }: Digest): boolean {
  const location = desired.locations.find(({ share }) => subject.toLowerCase().startsWith(share.toLowerCase()))
  return location !== undefined && observed.facts.location.get(location.name)?.known !== true
}
