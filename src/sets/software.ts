import manifest from '../../package.json' with { type: 'json' }

/** What wrote a set. */
export const software = { name: manifest.name, version: manifest.version, node: process.versions.node }
export const softwareName = `Holdfast ${software.version}`
