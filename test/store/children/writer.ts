/** Writes without end, in transactions of many statements, until it is killed. */
import { systemClock } from '../../../src/base/clock.ts'
import { openStore } from '../../../src/store/store.ts'
import { backupSet, ended, runAction } from '../samples.ts'

const store = openStore(process.argv[2] ?? '', 'act', systemClock)
for (let index = 0; ; index++) {
  const request = store.requests.ask({ backup: 'nightly' }, 'ada')
  const action = runAction(`${process.pid}-${index}`, { request: { id: request.id, actor: request.actor } })
  store.intents.open(action)
  const set = backupSet(`${process.pid}-${index}`)
  store.sets.put(set)
  store.intents.note(action.id, set.id)
  store.intents.close(action.id, ended(action, { set: set.id }))
  if (index === 0) process.stdout.write('writing\n')
}
