import { readdir } from 'node:fs/promises'
import { distinct, fileStoreSubject } from '../../domain/subject.ts'
import type { Probe } from '../probe.ts'

export const fileStoreProbe: Probe<'fileStore'> = {
  source: 'file system',
  everySeconds: 60,
  deadlineSeconds: 20,
  atOnce: 4,
  subjects: ({ fileStores }) => distinct(fileStores.map(fileStoreSubject)),
  async look(subject, { drivers }) {
    const entries = await readdir(drivers.localPath(subject), { withFileTypes: true })
    return {
      folders: entries
        .filter((entry) => entry.isDirectory())
        .map((entry) => entry.name)
        .sort(),
    }
  },
}
