/** `npm run demo:recovery`: a Standard Edition server is lost in a lab, and brought back, in a terminal, in a minute or two. */
import { openUnpairedLab } from '../support/driven-lab.ts'
import { storyteller, type Scene } from '../support/recovery-story.ts'
import { bringBack, held, lose, operators } from '../support/scenario-run.ts'
import { scenarios } from '../support/scenarios.ts'

const say = (text: string): void => void process.stdout.write(`${text}\n`)
const framed = (text: string): string => text.trim().replaceAll(/^/gm, '  ')

let title = ''
let isDeclared = false

function play(scene: Scene): void {
  const before = title
  title = scene.kind === 'does' ? scene.title : ''
  switch (scene.kind) {
    case 'shows':
      say(`\n$ ${scene.command}\n${framed(scene.output)}`)
      break
    case 'does':
      // A step may be several acts.
      say(scene.title === before ? `$ ${scene.command}` : `\n# ${scene.title}\n$ ${scene.command}`)
      break
    case 'says':
      say(`\n# ${scene.isNew ? 'Committed' : 'Added'} and pushed: desired-state/${scene.file}\n${framed(scene.text)}`)
      if (!isDeclared) say('  (run: holdfast asks Holdfast to run its own steps, as soon as their gates are open.)')
      isDeclared = true
      break
    case 'ran':
      say(`\n# Holdfast ran:\n${framed(scene.steps.join('\n'))}`)
  }
}

const scenario = scenarios.find(({ page }) => page?.file === 'standard-edition.md')
if (!scenario) throw new Error('There is no scenario of a Standard Edition server.')
say('A lab with a whole deployment is built, and a first backup set is made.')
say('What hands do in life, at the machine and in the Deployment Wizard, is holdfast lab do here.')
await using driven = await openUnpairedLab(scenario.centralStore)
await using daemon = await driven.watcher()
const before = JSON.stringify(held(driven))
say(
  `\n$ holdfast lab break ${scenario.breaks.join()}\n  (Its clock is turned on; a minute later the server is flagged.)`,
)
const flagged = await lose(scenario, driven, daemon)
await bringBack(operators(scenario, driven, daemon, storyteller(play)), scenario, daemon, flagged)
const isSame = JSON.stringify(held(driven)) === before
say(
  isSame
    ? '\nNothing is flagged any more. The lab holds what it held before the loss.'
    : '\nSomething did not come back.',
)
process.exitCode = isSame ? 0 : 1
