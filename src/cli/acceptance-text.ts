import type { Context } from './command.ts'
import { toolsFor } from './recoverability-text.ts'
import { acceptancesToCommit } from './recovery-yaml.ts'
import { section } from './render.ts'

/** What to commit so that the gate opens all the same. A person looks first: what is accepted is no longer against it. */
export function acceptanceInWords(view: Parameters<typeof acceptancesToCommit>[0], context: Context): string {
  const found = acceptancesToCommit(view)
  if (found === null) return ''
  const { isMarkdown, title } = toolsFor(context)
  const what = found.isWhole ? 'commit this' : `add this to Recovery ${view.recovery ?? ''}`
  const head = `To go on all the same, ${what}; accept only what you looked at`
  const yaml = isMarkdown ? `\n\`\`\`yaml\n${found.text}\`\`\`\n` : found.text
  const stays =
    found.stays.length === 0 ? '' : `What else is against it cannot be accepted: ${found.stays.join(', ')}.\n`
  return section(title(head), `${yaml}${stays}`)
}
