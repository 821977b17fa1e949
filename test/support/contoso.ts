import { join } from 'node:path'
import { readFolder } from '../../src/desired/folder.ts'
import { load } from '../../src/desired/load.ts'
import type { Desired } from '../../src/domain/model.ts'

const folder = join(import.meta.dirname, '..', '..', 'desired-state')

/** The sample that ships with Holdfast, as the planner sees it. */
export async function contoso(): Promise<Desired> {
  const loaded = load('1111111111111111111111111111111111111111', await readFolder(folder))
  if (!loaded.ok) throw new Error('the sample is not valid')
  return loaded.desired
}
