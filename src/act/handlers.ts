import type { Action } from '../domain/action.ts'
import { createBackupSet } from './create-backup-set.ts'
import type { Handler, Handlers } from './handler.ts'
import { pointBackup } from './point-backup.ts'
import { recoveryStep } from './recovery-step.ts'
import { takeOver } from './take-over-location.ts'
import { restoreUser } from './restore-user.ts'
import { verifyBackupSet } from './verify-backup-set.ts'

const handlers: Handlers = {
  'recovery-step': recoveryStep,
  'restore-user': restoreUser,
  'create-backup-set': createBackupSet,
  'verify-backup-set': verifyBackupSet,
  'point-backup': pointBackup,
  'take-over-location': takeOver,
}

export function handlerOf(action: Action): Handler<Action> {
  return handlers[action.kind]
}
