import { EngineError } from '../errors.ts'
import type { Statement } from '../tsql/ast.ts'
import type { Frame } from '../run/frame.ts'

export async function runBackup(_statement: Statement & { node: 'backup' }, _frame: Frame): Promise<void> {
  await Promise.resolve()
  throw new EngineError(40510, 'not yet')
}
