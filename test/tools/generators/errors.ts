import { meaningOf, problemCodes, type ProblemCode } from '../../../src/base/problem-codes.ts'
import type { Generated } from '../generated.ts'

/** The index of all error pages; the pages themselves are written by hand. */
export function generate(): Generated {
  const lines = (Object.keys(problemCodes) as ProblemCode[]).map(
    (code) => `| [${code}](${code}.md) | ${meaningOf(code).text} |`,
  )
  const text = `# Errors and warnings

Made by \`npm run generate\`. Every error and warning has a code that never changes, and a page that says what to do.

| Code | What went wrong |
|---|---|
${lines.join('\n')}
`
  return new Map([['docs/errors/README.md', text]])
}
