/** Whoever changes the deployment asks once more, right before: between the plan and this call hours may have gone by. */
import type { Drivers } from '../drivers/drivers.ts'
import { cmdletOf } from '../drivers/shell/calls.ts'
import type { CallName } from '../drivers/shell/host.ts'

/** Cmdlets that leave everything as it is. */
const reading = /^(Get|Export|Test)-/

/** Whether a call may change something: whatever is not known to read. */
export function isChanging(call: CallName): boolean {
  return !reading.test(cmdletOf(call).cmdlet)
}

/**
 * The same drivers, where each changing cmdlet and each RESTORE over a database asks first. What `ask` throws ends the call
 * before anything is touched; of a database it is asked after all of the backup was read.
 */
export function askingFirst(drivers: Drivers, ask: () => Promise<void>): Drivers {
  return {
    ...drivers,
    shell: {
      ...drivers.shell,
      async call(name, ...rest) {
        if (isChanging(name)) await ask()
        return drivers.shell.call(name, ...rest)
      },
    },
    sql(address) {
      const server = drivers.sql(address)
      return {
        ...server,
        restoreOver: (request, options) =>
          server.restoreOver(request, {
            ...options,
            async refuse(contents) {
              await options.refuse?.(contents)
              await ask()
            },
          }),
      }
    },
  }
}
