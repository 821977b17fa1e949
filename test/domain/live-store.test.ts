import { expect, test } from 'vitest'
import { liveStoreSkip } from '../../src/domain/live-store.ts'

test.each([
  ['1-WebServices-1/DataConf/Meeting.Active', 'file', true],
  ['1-WebServices-1/DataConf/meeting.active', 'file', true],
  ['Meeting.Active', 'file', true],
  ['1-WebServices-1/DataConf/Meeting.Active.bak', 'file', false],
  ['1-WebServices-1/Meeting.Active', 'folder', false],
  ['1-CentralMgmt-1/CMSFileStore', 'folder', true],
  ['12-centralmgmt-3/cmsfilestore', 'folder', true],
  ['1-CentralMgmt-1/CMSFileStore', 'file', false],
  ['1-CentralMgmt-1', 'folder', false],
  ['backup/1-CentralMgmt-1/CMSFileStore', 'folder', false],
  ['System Volume Information', 'folder', true],
  ['$Recycle.Bin', 'folder', true],
  ['DfsrPrivate', 'link', true],
  ['~snapshot', 'folder', true],
  ['lost+found', 'folder', true],
  ['lost+found', 'file', false],
  ['1-WebServices-1/lost+found', 'folder', false],
] as const)('%s (%s) is left out: %s', (name, kind, skipped) => {
  expect(liveStoreSkip(name, kind) !== null).toBe(skipped)
})
