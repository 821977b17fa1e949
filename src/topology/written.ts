import { Document, isScalar, Scalar, visit } from 'yaml'
import { isProposal } from './proposals.ts'
import type { WrittenResource } from './resource.ts'

/** One resource as a YAML document, ending in a newline. Backslashes are in single quotes, as people write them. */
export function yamlOf(resource: WrittenResource): string {
  const document = new Document(resource)
  visit(document, {
    Scalar(_key, node) {
      if (typeof node.value === 'string' && node.value.includes('\\')) node.type = Scalar.QUOTE_SINGLE
    },
  })
  const domain = resource.kind === 'Deployment' ? document.getIn(['spec', 'domain'], true) : null
  if (isScalar(domain)) domain.comment = ' the default SIP domain: check that it is that of Active Directory'
  const mark = isProposal(resource) ? '# proposal: not in any document; check it, then remove this line\n' : ''
  return mark + document.toString({ lineWidth: 0, singleQuote: true })
}

/** All resources as one stream of YAML documents. */
export function yamlStream(resources: readonly WrittenResource[]): string {
  return resources.map(yamlOf).join('---\n')
}

/**
 * `<kind>-<name>.yaml`: only letters, digits, dots and dashes, whatever the name; unique without regard to case,
 * because names of one kind are.
 */
export function fileNameOf({ kind, metadata: { name } }: WrittenResource): string {
  const kebab = kind.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase()
  return `${kebab}-${name.toLowerCase().replace(/[^a-z0-9._-]/g, '-')}.yaml`
}
