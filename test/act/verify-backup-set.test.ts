import { expect, test } from 'vitest'
import type { Resource, Tools } from '../../src/act/handler.ts'
import { verifyBackupSet } from '../../src/act/verify-backup-set.ts'
import { backupSet } from '../store/samples.ts'
import { desiredState, location } from '../support/desired.ts'

test('a check takes its turn at the share of the location, as a copy from there does', async () => {
  const set = backupSet('20260728T020000Z-aaaa')
  const asked: (Resource | null)[] = []
  const tools = {
    desired: desiredState({ locations: [location(set.location, { share: '\\\\backup01.contoso.com\\Lync' })] }),
    sets: () => [set],
    limit: (resource: Resource | null) => {
      asked.push(resource)
      return Promise.resolve({ outcome: 'done' })
    },
  } as unknown as Tools
  const action = {
    ...{ id: 'a', kind: 'verify-backup-set' as const, subject: set.id, set: set.id, level: 'checksum' as const },
    ...{ location: set.location, cause: 'scheduled' as const, reason: '', request: null },
  }
  await verifyBackupSet.run(action, tools, new AbortController().signal)
  expect(asked).toEqual([{ kind: 'share', subject: '\\\\backup01.contoso.com\\Lync' }])
})
