/** Topology Builder, the pointer in Active Directory, and what publishing does to file shares. */
import { existsSync, mkdirSync, cpSync } from 'node:fs'
import { impossible, machineAt, type Act } from './act.ts'
import { instanceNames } from './databases.ts'
import { expectTopology } from './shell-view.ts'
import { folderOf, splitUnc, toLocalPath } from './shares.ts'
import { same, sqlServerOf, type LabShare, type World } from './world.ts'
import type { LabPaths } from './paths.ts'
import type { Bench } from './break.ts'

const deployment = ({ world }: Bench): string[] => [world.deployment]

export const downloadTopology: Act = {
  kind: 'download-topology',
  details: [],
  does: 'Topology Builder, Download Topology from existing deployment. It changes nothing; needs a Central Management store that holds a topology.',
  subjects: deployment,
  apply({ world }) {
    expectTopology(world)
  },
}

export const publishTopology: Act = {
  kind: 'publish-topology',
  details: [],
  does: 'Topology Builder, Publish Topology, of the one that was downloaded: gives the groups of the product access to the file shares that are there. Needs the same.',
  subjects: deployment,
  apply: openShares,
}

export const enableTopology: Act = {
  kind: 'enable-topology',
  details: [],
  does: 'Enable-CsTopology: the same without Topology Builder.',
  subjects: deployment,
  apply: openShares,
}

function openShares({ world, paths }: Bench): void {
  expectTopology(world)
  for (const share of world.shares) if (isShared(world, paths, share)) delete share.closed
}

/** Only what Active Directory says: nobody looks whether a store is there ("Set-CsConfigurationStoreLocation"). */
export const pointDirectory: Act = {
  kind: 'point-directory',
  details: [],
  does: 'Set-CsConfigurationStoreLocation: Active Directory says that the Central Management store is there, whether one is or not.',
  subjects: ({ world }) => instanceNames(world),
  apply({ world }, name) {
    const database = sqlServerOf(world, name)?.facts.databases.find((one) => one.name === 'xds')
    const listener = world.sqlListeners.find((one) => same(`${one.fqdn}\\${one.instance}`, name))
    const partner = database?.mirroring?.partnerInstance
    world.storeLocation = name
    world.centralManagement = listener ? [...listener.replicas] : [name, ...(partner === undefined ? [] : [partner])]
  },
}

export const shareFolder: Act = {
  kind: 'share-folder',
  details: [],
  does: 'Creates the folder of a share on its machine, empty, and shares it under its old name. The groups of the product have no access before the topology is published or enabled. Needs the machine.',
  subjects: ({ world }) => world.shares.map(({ unc }) => unc),
  apply({ world, paths }, unc) {
    const share = shareAt(world, unc)
    machineAt(world, splitUnc(unc).server)
    if (existsSync(folderOf(paths, share))) throw impossible(unc, 'The folder is there and shared already.')
    mkdirSync(folderOf(paths, share), { recursive: true })
    if (share.holds === 'file-store') share.closed = true
  },
}

export const copyFileStore: Act = {
  kind: 'copy-file-store',
  details: [],
  path: 'the folder of the file store in a backup set',
  does: 'Robocopy: copies a folder into the share, with the times of its files. Access is not copied. Needs the share.',
  subjects: ({ world }) => world.shares.filter(({ holds }) => holds === 'file-store').map(({ unc }) => unc),
  apply({ world, paths }, unc, from) {
    const share = shareAt(world, unc)
    if (!isShared(world, paths, share)) throw impossible(unc, 'The network name cannot be found.')
    const source = toLocalPath(world, paths, from)
    if (!existsSync(source)) throw impossible(unc, `The system cannot find the path specified: ${from}`)
    cpSync(source, folderOf(paths, share), { recursive: true, preserveTimestamps: true })
  },
}

function shareAt(world: World, unc: string): LabShare {
  const found = world.shares.find((share) => same(share.unc, unc))
  if (found) return found
  throw impossible(unc, 'There is no such share in this lab.')
}

function isShared(world: World, paths: LabPaths, share: LabShare): boolean {
  const host = world.hosts.find(({ fqdn }) => same(fqdn, splitUnc(share.unc).server))
  return host?.powered === true && existsSync(folderOf(paths, share))
}
