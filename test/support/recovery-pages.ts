/** The pages of docs/recovery/, which tests write and hold against a run. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { asMarkdown, type Scene } from './recovery-story.ts'

const docs = join(import.meta.dirname, '..', '..', 'docs', 'recovery')

/** `end`: what is so at last; else that all of the set is back. */
export interface Page {
  file: string
  title: string
  end?: string
}

/**
 * `npm run generate:recovery` writes the page. How often the operator looks between two acts depends on the machine; the whole
 * runbook as it is shown first, and every command of hands, do not.
 */
export async function holdsPage({ file, title, end }: Page, scenes: readonly Scene[]): Promise<void> {
  const path = join(docs, file)
  if (process.env['RECOVERY_PAGES'] === 'write') await writeFile(path, asMarkdown(title, scenes, end))
  const page = await readFile(path, 'utf8')
  const first = scenes.find(({ kind }) => kind === 'shows')
  expect(page).toContain(first?.kind === 'shows' ? first.output.trim() : '-')
  for (const scene of scenes) if (scene.kind === 'does') expect(page).toContain(`\n${scene.command}\n`)
}
