/** A resource of desired state as a person would write it. */
export interface WrittenResource {
  apiVersion: 'holdfast/v1'
  kind: 'Deployment' | 'Pool' | 'SqlStore' | 'FileStore' | 'BackupLocation' | 'BackupPolicy'
  metadata: { name: string }
  spec: Record<string, unknown>
}

/** A resource of what is known: fields that are null or undefined are left out. */
export function resource(kind: WrittenResource['kind'], name: string, spec: Record<string, unknown>): WrittenResource {
  const told = Object.entries(spec).filter(([, value]) => value !== null && value !== undefined)
  return { apiVersion: 'holdfast/v1', kind, metadata: { name }, spec: Object.fromEntries(told) }
}
