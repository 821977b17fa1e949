import { expect, test } from 'vitest'
import { isChanging } from '../../src/act/ask-first.ts'
import table from '../../src/drivers/shell/calls.json' with { type: 'json' }
import type { CallName } from '../../src/drivers/shell/host.ts'

test('every call that may change the deployment asks first', () => {
  const names = Object.keys(table.calls) as CallName[]
  expect(names.filter(isChanging).sort()).toEqual([
    'fail-back-pool',
    'import-configuration',
    'import-location-information',
    'import-persistent-chat',
    'import-response-groups',
    'import-user-data',
    'publish-location-information',
    'start-pool',
    'start-services',
    'stop-services',
    'sync-backup-service',
    'test-user-data', // the merge itself, with the switch that changes nothing
    'update-user-data',
  ])
})
