/** Takes the lease of the state file it is given, says so, and holds it until it is killed. */
import { systemClock } from '../../../src/base/clock.ts'
import { openStore } from '../../../src/store/store.ts'

const store = openStore(process.argv[2] ?? '', 'act', systemClock)
process.stdout.write(`${store.lease.take() ? 'taken' : 'refused'} ${process.pid}\n`)
setInterval(() => store.lease.renew(), 1000)
setTimeout(() => process.exit(1), 60_000)
