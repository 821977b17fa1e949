import { readFile } from 'node:fs/promises'
import { isProblemCode, meaningOf, type ProblemCode } from '../base/problem-codes.ts'
import type { ErrorPage } from '../views/error-page.ts'
import type { Context } from './command.ts'
import { painter } from './render.ts'
import { paragraph } from './table.ts'

/** The code that was typed, alone or in the brackets in which messages show it; null: it is not a code. */
export function codeNamed(typed: string): ProblemCode | null {
  const code = typed.toLowerCase().replace(/^\[(.*)\]$/, '$1')
  return isProblemCode(code) ? code : null
}

/** The page of a code in `docs/errors/`. */
export async function readErrorPage(code: ProblemCode): Promise<ErrorPage> {
  const page = await readFile(new URL(`../../docs/errors/${code}.md`, import.meta.url), 'utf8')
  return { code, title: meaningOf(code).text, text: page.replace(/^# .*\n+/, '') }
}

export function errorPageInWords({ code, title, text }: ErrorPage, { output, terminal }: Context): string {
  if (output === 'markdown') return `# ${code}\n\n${text}`
  const paint = painter(terminal)
  const blocks = text.trim().split(/\n{2,}/)
  const parts = blocks.map((block) => (block.startsWith('#') ? paint('bold', block.replace(/^#+ /, '')) : prose(block)))
  return `${paint('bold', `${code}: ${title}`)}\n\n${parts.join('\n\n')}\n`
}

/** A paragraph or a list of the page in lines of a terminal. */
function prose(block: string): string {
  return block
    .split(/\n(?=- )/)
    .flatMap((part) => {
      const [first = '', indent = ''] = part.startsWith('- ') ? ['- ', '  '] : []
      return paragraph(withoutLinks(part.slice(first.length)), 80 - first.length).map(
        (line, index) => (index === 0 ? first : indent) + line,
      )
    })
    .join('\n')
}

/** `[how](../how-to/doctor.md)` -> `how (docs/how-to/doctor.md)`; the page of another code is known by its code. */
function withoutLinks(text: string): string {
  return text.replaceAll(/\[([^\]]+)\]\(\.\.\/([^)]+)\)/g, '$1 (docs/$2)').replaceAll(/\[([a-z-]+)\]\(\1\.md\)/g, '$1')
}
