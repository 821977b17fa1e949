import { itemsOf, lost, once } from './context.ts'
import { cmdlet } from '../cmdlet-text.ts'
import type { RowRule } from './row.ts'

const chapter = 'Restoring a file store'

/** To the identical path; access lists are not copied, publishing sets them. */
export const fileStoreRules: readonly RowRule[] = [
  {
    id: 'share-file-store',
    actor: 'operator',
    minutes: 10,
    of: lost('file-store'),
    needs: ['@take-image'],
    title: (path) => `Create and share the folder of ${path} again, empty and under the same name`,
    why: 'The copy is written to the path that the topology names.',
    proves: 'The share answers.',
    source: chapter,
  },
  {
    id: 'restore-file-store',
    actor: 'holdfast',
    minutes: 10,
    of: lost('file-store'),
    needs: ['=share-file-store'],
    title: (path) => `Copy the file store of the set back to ${path}`,
    why: 'It holds meeting content, address books and audio files.',
    operation: (subject) => ({ kind: 'restore-item', item: { kind: 'file-store', subject } }),
    proves: 'Every file is there with the size and the SHA-256 of the manifest.',
    risks:
      'Run the second line once, on what was copied: it gives names back that the set had to write another way. A name with =~ was too long for that: the listing beside the folder has the original.',
    source: chapter,
    restores: (subject) => [{ kind: 'file-store', subject }],
  },
]

/** Publishing sets the access lists of file stores, and puts an imported topology in force. */
export const enablingRules: readonly RowRule[] = [
  {
    id: 'enable-topology',
    actor: 'operator',
    minutes: 10,
    of: once(({ loss }) => itemsOf(loss, 'configuration', 'file-store').length > 0),
    needs: ['import-configuration', 'import-local-replica', 'restore-file-store'],
    title: () =>
      'Enable the topology, with an account that has the right (Domain Admins, or delegated by Grant-CsSetupPermission)',
    why: 'It sets the access lists of file stores, which no copy brings back.',
    command: () => cmdlet('Enable-CsTopology'),
    proves: 'It ends without an error, and the folders carry the RTC groups.',
    source: chapter,
  },
]
