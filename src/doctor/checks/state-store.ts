import { access, constants, open, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { systemCode } from '../../base/problem.ts'
import { randomId } from '../../base/random.ts'
import { fileProblem } from '../../drivers/files/problem.ts'
import type { Check } from '../check.ts'
import type { Surroundings } from '../surroundings.ts'

/** The store can be read, and the account may write it and beside it. */
export function stateStoreCheck({ config, drivers, remembered }: Surroundings): Check {
  return {
    ...{ name: 'state-store', subject: config.state, group: 'local', deadlineSeconds: 20 },
    async attempt() {
      if (remembered.problem) throw remembered.problem
      const there = await exists(config.state)
      if (there) await access(config.state, constants.W_OK).catch(refused(config.state))
      const folder = await nearestFolder(dirname(config.state))
      const probe = join(folder, `.${basename(config.state)}.${randomId(drivers.random)}`)
      try {
        await using _file = await open(probe, 'wx').catch(refused(probe))
      } finally {
        await rm(probe, { force: true }).catch(() => {})
      }
      return there ? 'can be read and written' : 'not there yet; it can be made'
    },
  }
}

function refused(path: string): (thrown: unknown) => never {
  return (thrown) => {
    throw fileProblem(thrown, path, 'Writing')
  }
}

/** The folder, or the one above in which it would be made. */
async function nearestFolder(folder: string): Promise<string> {
  if ((await exists(folder)) || dirname(folder) === folder) return folder
  return nearestFolder(dirname(folder))
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return false
    throw fileProblem(thrown, path, 'Looking at')
  }
}
