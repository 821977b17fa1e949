/** `why`: as the views have it. */
export function withoutGit(why: string): string {
  return `Git cannot be read, so nothing will be run: ${why} What follows is by its last good revision.`
}
