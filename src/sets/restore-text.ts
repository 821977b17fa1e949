import type { SetRecord } from './record.ts'
export function restoreText(record: SetRecord): string {
  return `# Backup set ${record.id}\n`
}
