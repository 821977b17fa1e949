/** Major version of `10.50.6000.34`; 10.5 is SQL Server 2008 R2, 11 is 2012. */
function majorVersion(version: string): number {
  const [major, minor] = version.split('.').map(Number)
  return major === 10 ? 10 + (minor ?? 0) / 100 : (major ?? 0)
}

/** Availability groups came with 2012. `hadr`: server property IsHadrEnabled; null where the server does not say. */
export function hasAvailabilityGroups(version: string, hadr: number | null): boolean {
  return majorVersion(version) >= 11 && hadr !== 0
}

/**
 * Whether the edition makes compressed backups: Standard and better since 2008 R2, before that Enterprise only; never
 * Express, Web or Workgroup (document "Backup compression").
 */
export function canCompress(version: string, edition: string): boolean {
  if (/express|web|workgroup/i.test(edition)) return false
  return majorVersion(version) >= 10.5 || /enterprise|developer|datacenter/i.test(edition)
}

/** A backup cannot be restored to an older version than it was made by. */
export function isOlder(version: string, other: string): boolean {
  return majorVersion(version) < majorVersion(other)
}
