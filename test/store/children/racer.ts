/** Waits for the given instant, then tries to take the lease once, and stays alive until it is killed. */
import { systemClock } from '../../../src/base/clock.ts'
import { openStore } from '../../../src/store/store.ts'

const [file = '', start = '0'] = process.argv.slice(2)
while (Date.now() < Number(start));
const store = openStore(file, 'act', systemClock)
process.stdout.write(store.lease.take() ? 'taken\n' : 'refused\n')
setTimeout(() => process.exit(1), 60_000)
