import { constants } from 'node:fs'
import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Problem, systemCode } from '../../base/problem.ts'
import { randomId, type Random } from '../../base/random.ts'
import type { ScratchFolder } from './host.ts'

/** A fresh folder below `root` on this machine, for its owner alone. */
export async function localScratch(root: string, random: Random): Promise<ScratchFolder> {
  const folder = join(root, `holdfast-${randomId(random)}`)
  try {
    await mkdir(root, { recursive: true })
    await mkdir(folder, { mode: 0o700 })
  } catch (thrown) {
    throw new Problem('shell-unreachable', {
      subject: folder,
      message: `No scratch folder could be made below ${root} (${systemCode(thrown) ?? String(thrown)}).`,
      hint: 'Check shell.scratch in holdfast.yaml, its rights and its free space.',
      cause: thrown,
    })
  }
  return {
    path: (file) => pathOf(folder, file),
    async open(file) {
      const path = pathOf(folder, file)
      try {
        // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- Windows has no such flag
        const handle = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
        return handle.createReadStream()
      } catch (thrown) {
        if (systemCode(thrown) !== 'ENOENT') throw thrown
        throw noOutput(path, thrown)
      }
    },
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

function pathOf(folder: string, file: string): string {
  if (/^[^./\\:*?"<>|\p{Cc}][^/\\:*?"<>|\p{Cc}]*$/u.test(file)) return join(folder, file)
  throw new Problem('shell-call-refused', {
    subject: file,
    message: `${JSON.stringify(file)} is no plain file name.`,
    hint: 'This is a fault of Holdfast. Please report it.',
  })
}

function noOutput(path: string, cause: unknown): Problem {
  return new Problem('shell-no-output', {
    subject: path,
    message: 'The cmdlet reported success but wrote no file.',
    hint: 'Run the same cmdlet by hand; check that shell.scratch in holdfast.yaml is a folder of the machine where it runs.',
    cause,
  })
}
