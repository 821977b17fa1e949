import type { Action, Attempt } from '../../src/domain/action.ts'
import type { Observed } from '../../src/domain/observation.ts'
import type { Memory, Plan } from '../../src/domain/plan.ts'
import { newsOf } from '../../src/reconcile/news.ts'
import type { Store } from '../../src/store/store.ts'
import type { BackupSet } from '../../src/domain/backup-set.ts'

export const noon = '2026-07-29T12:00:00.000Z'

export function runAction(id: string, more: Partial<Extract<Action, { kind: 'create-backup-set' }>> = {}): Action {
  return {
    id,
    subject: 'nightly',
    location: 'main',
    cause: 'scheduled',
    reason: 'The slot of 02:00 has come.',
    request: null,
    kind: 'create-backup-set',
    policy: 'nightly',
    slot: '2026-07-29T02:00:00.000Z',
    whole: true,
    items: [{ kind: 'configuration', subject: 'contoso' }],
    ...more,
  }
}

export function ended(action: Action, more: Partial<Attempt> = {}): Attempt {
  return {
    action: action.id,
    kind: action.kind,
    subject: action.subject,
    slot: action.kind === 'create-backup-set' ? action.slot : null,
    startedAt: noon,
    endedAt: noon,
    outcome: 'done',
    message: null,
    set: null,
    request: action.request?.id ?? null,
    ...more,
  }
}

export function backupSet(folder: string, more: Partial<BackupSet> = {}): BackupSet {
  return {
    id: `nightly/${folder}`,
    policy: 'nightly',
    location: 'main',
    path: `/mnt/backup/nightly/${folder}`,
    unc: `\\\\backup01.contoso.com\\LyncBackup\\nightly\\${folder}`,
    revision: 'a1b2c3',
    cause: 'scheduled',
    slot: '2026-07-29T02:00:00.000Z',
    whole: true,
    required: [
      { kind: 'configuration', subject: 'contoso' },
      { kind: 'sql-database', subject: 'sql01.contoso.com\\rtc/LcsCDR' },
    ],
    items: [
      {
        kind: 'configuration',
        subject: 'contoso',
        path: 'data/configuration/Config.zip',
        outcome: 'ok',
        bytes: 1234,
        counts: { documents: 60 },
      },
      {
        kind: 'sql-database',
        subject: 'sql01.contoso.com\\rtc/LcsCDR',
        path: 'data/sql/sql01.contoso.com_rtc/LcsCDR.bak',
        outcome: 'ok',
        bytes: 5_000_000_000,
      },
    ],
    state: 'complete',
    startedAt: '2026-07-29T02:00:00.000Z',
    finishedAt: '2026-07-29T02:10:00.000Z',
    bytes: 5_000_001_234,
    files: 9,
    verifications: [],
    ...more,
  }
}

/** As a pass keeps what it decided, with what is new in it. */
export function remember(store: Store, plan: Plan, observed: Observed, applied: NonNullable<Memory['applied']>): void {
  store.remember(plan, observed, applied, newsOf(store.memory(), plan, applied, observed.facts).entries)
}
