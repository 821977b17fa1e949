/** One complete recovery as the operator sees it: what is typed, what is shown, what is committed. */
import { stringify } from 'yaml'
import type { Context } from '../../src/cli/command.ts'
import { runbookInWords } from '../../src/cli/runbook-text.ts'
import { inWords, type Witness } from './operator.ts'

/** `shows`: a command and what it prints; `does`: hands at work, in the lab by a command; `says`: a commit; `ran`: Holdfast did. */
export type Scene =
  | { kind: 'shows'; command: string; output: string }
  | { kind: 'does'; title: string; command: string }
  | { kind: 'says'; file: string; isNew: boolean; text: string }
  | { kind: 'ran'; steps: string[] }

/** Hears of a recovery, and tells it scene by scene. `tell` may take its time. */
export function storyteller(tell: (scene: Scene) => void): Witness {
  const ran = new Set<string>()
  let isFirst = true
  return {
    sees(seen) {
      const view = settled(seen)
      const steps = view.steps.filter((step) => step.run && step.state === 'done' && !ran.has(nameOf(step)))
      for (const step of steps) ran.add(nameOf(step))
      if (steps.length > 0) tell({ kind: 'ran', steps: steps.map((step) => `${nameOf(step)}: ${becameOf(step)}`) })
      if (view.flag === null && view.recovery === null) return
      const output = runbookInWords(view, context)
      tell({
        kind: 'shows',
        command: `holdfast runbook ${quoted(view.server)}`,
        output: isFirst ? output : next(output),
      })
      isFirst = false
    },
    does(hand, { title }) {
      const [kind = '', subject = '', ...more] = inWords(hand).split(' ')
      tell({
        kind: 'does',
        title: settled(title),
        command: ['holdfast lab do', kind, quoted(subject), ...more].join(' '),
      })
    },
    commits(file, text, added) {
      const words = added === null ? text : stringify({ spec: added })
      tell({ kind: 'says', file, isNew: added === null, text: settled(words) })
    },
  }
}

type Step = Parameters<NonNullable<Witness['does']>>[1]

function nameOf({ id, subject }: Step): string {
  return `\`${id}\` of \`${subject}\``
}

/** What came back was counted. Services are seen to run before the step ends that started them: of it nothing more is told. */
function becameOf({ id, title, run }: Step): string {
  return /^(restore|import|fail-back|sync)-/.test(id) ? (run?.done?.message ?? title) : title
}

/** What no two runs have in common has one value: times, ids, the sizes of a new lab, its ports and its place on the disk. */
function settled<T>(told: T): T {
  const text = JSON.stringify(told)
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '2026-03-10T02:00:00.000Z')
    .replaceAll(/\d{8}T\d{6}Z-[a-z0-9]{4}/g, '20260310T010000Z-k3xq')
    .replaceAll(/\b[0-9A-F]{40}\b/g, 'A'.repeat(40))
    .replaceAll(/\b[0-9a-f]{40}\b/g, '1'.repeat(40))
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:14330')
    .replaceAll(/[^" ]*\/lab\/shares\//g, '/lab/shares/')
    .replaceAll(/"dataLossSeconds":\d+/g, '"dataLossSeconds":3600')
  return JSON.parse(text) as T
}

function quoted(subject: string): string {
  return subject.includes('\\') ? `'${subject}'` : subject
}

/** How far it is and what is next: the first table, and not the whole list again. */
function next(output: string): string {
  return /^\d+ of \d+ step[^]*?(?=\n\n|\n$)/m.exec(output)?.[0] ?? output
}

const context: Context = {
  ...{ configFile: 'holdfast.yaml', output: 'text' },
  terminal: {
    ...{ out: () => {}, err: () => {}, interactive: false, columns: 80, cwd: '', env: {} },
    signal: new AbortController().signal,
  },
}

/** The same as a page for docs/recovery/. */
export function asMarkdown(
  title: string,
  scenes: readonly Scene[],
  end = 'Nothing is flagged any more, and all that the set holds of it is back.',
): string {
  const chapters = [
    `# ${title}`,
    'One complete recovery, as the operator sees it: what is typed and shown, what hands do, and what is committed.',
    'Made by a test from a run in the lab (`npm run generate:recovery`), where hands are `holdfast lab do`; in life they work at the machine, in the Deployment Wizard and in Topology Builder. Times, ids, ports and fingerprints are not those of a run.',
    ...grouped(scenes),
    end,
  ]
  return `${chapters.join('\n\n')}\n`
}

function grouped(scenes: readonly Scene[]): string[] {
  const texts: string[] = []
  let title = ''
  for (const [index, scene] of scenes.entries()) {
    const before = scenes[index - 1]
    switch (scene.kind) {
      case 'shows':
        texts.push(`${block('sh', scene.command)}\n\n${block('text', scene.output)}`)
        break
      case 'does': {
        const isSame = before?.kind === 'does'
        const lines = [...(isSame && title === scene.title ? [] : [`# ${scene.title}`]), scene.command].join('\n')
        if (isSame) texts.push(texts.pop()?.replace(/\n```$/, `\n${lines}\n\`\`\``) ?? '')
        else texts.push(`## Hands\n\n${block('sh', lines)}`)
        title = scene.title
        break
      }
      case 'says': {
        const what = scene.isNew
          ? `A new file, \`desired-state/${scene.file}\``
          : `Added to \`desired-state/${scene.file}\``
        texts.push(`## Said in Git\n\n${what}, committed and pushed:\n\n${block('yaml', scene.text)}`)
        break
      }
      case 'ran':
        texts.push(`## Holdfast\n\n${scene.steps.map((step) => `- ${step}`).join('\n')}`)
    }
  }
  return texts
}

function block(language: string, text: string): string {
  return `\`\`\`${language}\n${text.trim()}\n\`\`\``
}
