import type { SqlTarget } from '../../src/drivers/sql/target.ts'

/** One instance with a database that may be backed up, and room for what the suite makes. */
export interface Instance extends AsyncDisposable {
  target: SqlTarget
  database: string
  /** Folder for backups, as the instance reaches it; what the suite leaves there may be deleted. */
  backups: string
  /** Folder on its machine for the files of restored databases. */
  restores: string
}
