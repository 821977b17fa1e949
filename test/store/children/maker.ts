/** Is about to write a new file, as somebody who makes a store of it at the same moment. */
import { DatabaseSync } from 'node:sqlite'

const database = new DatabaseSync(process.argv[2] ?? '')
database.exec('BEGIN IMMEDIATE')
process.stdout.write('writing\n')
setTimeout(() => {
  database.exec('COMMIT')
  database.close()
}, 300)
