import type { PublishedTopology } from '../domain/published.ts'

/**
 * The topology in the answer of a cmdlet or in a configuration export. Throws a Problem (`topology-...`) for bytes that
 * are none. Its parser is loaded when it is first needed.
 */
export async function readPublishedTopology(bytes: Uint8Array): Promise<PublishedTopology> {
  const [{ readTopology }, { interpret }] = await Promise.all([
    import('../topology/read.ts'),
    import('../topology/interpret.ts'),
  ])
  const { topology } = interpret(await readTopology(bytes))
  const { sipDomains, product, centralManagementStore, pools, sqlStores, fileStores, hosts } = topology
  return { sipDomains, product, centralManagementStore, pools, sqlStores, fileStores, hosts }
}
