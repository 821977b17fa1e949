import { link, open, readFile, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { keepOwner } from '../base/keep-owner.ts'
import { Problem, systemCode } from '../base/problem.ts'
import { randomId, type Random } from '../base/random.ts'

/**
 * The id of this daemon, in `owner.id` beside the configuration; null while there is none. Whoever has the file owns the
 * locations, so a daemon that moves to another machine takes it along. Throws Problem `config-invalid`.
 */
export function readOwner(configFile: string): Promise<string | null> {
  return read(fileBeside(configFile))
}

/** The same for what acts: made when missing. */
export async function makeOwner(configFile: string, random: Random): Promise<string> {
  const file = fileBeside(configFile)
  return (await read(file)) ?? (await make(file, random))
}

function fileBeside(configFile: string): string {
  return join(dirname(configFile), 'owner.id')
}

async function read(file: string): Promise<string | null> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return null
    throw unusable(file, thrown instanceof Error ? thrown.message : String(thrown))
  }
  const id = text.trim()
  if (!/^[0-9A-Za-z-]{8,64}$/.test(id)) throw unusable(file, 'it does not contain an id')
  return id
}

/** Written whole under another name, then linked: of two that start at once, both get the id of the first. */
async function make(file: string, random: Random): Promise<string> {
  const id = randomId(random)
  const temporary = `${file}.${id.slice(0, 8)}`
  try {
    const handle = await open(temporary, 'wx', 0o600)
    try {
      await handle.writeFile(`${id}\n`)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await link(temporary, file).catch((thrown: unknown) => {
      if (systemCode(thrown) !== 'EEXIST') throw thrown
    })
    await unlink(temporary)
    keepOwner(file)
  } catch (thrown) {
    throw unusable(file, thrown instanceof Error ? thrown.message : String(thrown))
  }
  return (await read(file)) ?? id
}

function unusable(file: string, why: string): Problem {
  return new Problem('config-invalid', {
    subject: file,
    message: `The id of this daemon cannot be used: ${why}.`,
    hint: 'Let this account read and write the folder of holdfast.yaml. Restore owner.id from a copy if you have one; without it the locations must be taken over again.',
  })
}
