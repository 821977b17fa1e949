/** A world that is kept, and shown again as often as a test likes. */
import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { isDeepStrictEqual } from 'node:util'
import { replaceFile } from '../../../src/lab/paths.ts'
import type { World } from '../../../src/lab/world.ts'
import { until } from '../../support/until.ts'
import { namesIn } from './outside.ts'

/** The world is as it was when it was kept in that folder, and all that was done since was not. `file`: of the facts of the lab. */
export async function show(root: string, folder: string, file: string): Promise<void> {
  for (const path of partsOf(root)) rmSync(join(root, path), { recursive: true, force: true })
  cpSync(folder, root, {
    recursive: true,
    preserveTimestamps: true,
    filter: (path) => path !== join(folder, 'lab.json'),
  })
  await takeUp(file, JSON.parse(readFileSync(join(folder, 'lab.json'), 'utf8')) as World)
}

/** What changes below the folder of a lab, as relative paths; sets do not. */
function partsOf(root: string): string[] {
  const shared = ['journal', 'current', 'holdfast-location.json'].map(
    (name) => `backup01.contoso.com/LyncBackup/${name}`,
  )
  const inLab = ['lab.json', 'repository.git', 'topology.xml', 'scratch', 'away', 'restore']
  return [
    ...inLab,
    ...[...shared, 'se01.contoso.com'].map((name) => `shares/${name}`),
    ...namesIn(root).filter((name) => /^(state\.db|temporary$)/.test(name) && !name.includes('.child-')),
  ]
}

/** Keeps the world in a folder, as if its daemon had just ended. Gives the sequence of its journal. */
export function keep(root: string, folder: string, state: string): number {
  for (const path of partsOf(root).filter((path) => existsSync(join(root, path))))
    cpSync(join(root, path), join(folder, path), { recursive: true, preserveTimestamps: true })
  using store = new DatabaseSync(join(folder, relative(root, state)))
  store.exec('UPDATE lease SET owner = NULL')
  return Number(store.prepare('SELECT sequence FROM journalHead').get()?.sequence)
}

/** Hands the lab other facts; it may write down what it knew in the moment in which it gets them. */
export async function takeUp(file: string, world: World): Promise<void> {
  for (let tries = 0; tries < 5; tries++) {
    const text = JSON.stringify(world)
    replaceFile(file, text)
    await until(() => Promise.resolve(readFileSync(file, 'utf8') === text ? undefined : true))
    if (isDeepStrictEqual(JSON.parse(readFileSync(file, 'utf8')), world)) return
  }
  throw new Error('the lab did not take up its facts')
}
