import { dirname } from 'node:path'
import { toProblem } from '../../base/problem.ts'
import type { Config } from '../../config/config.ts'
import type { SshShell } from '../../config/config-shell.ts'
import type { Drivers } from '../../drivers/drivers.ts'
import { openSsh } from '../../drivers/shell/ssh/ssh.ts'
import { onlyAfter, type Check } from '../check.ts'

export interface SshChecks {
  all: Check[]
  /** Without these no session, and no file. */
  login: Check
  files: Check
}

/**
 * The way to the management host, step by step, so that the first broken one is reported and not what follows from it.
 * `way`: what a connection to it depends on.
 */
export function sshChecks(
  settings: SshShell,
  config: Config,
  way: readonly Check[],
  { clock }: Pick<Drivers, 'clock'>,
): SshChecks {
  const ssh = openSsh(settings, dirname(config.file), clock)
  const { host, user } = settings
  const client: Check = {
    ...{ name: 'ssh-client', subject: 'ssh', group: 'local', deadlineSeconds: 30 },
    attempt: (signal) => ssh.version(signal),
  }
  const hostKey: Check = {
    ...{ name: 'ssh-host-key', subject: host, group: 'network', deadlineSeconds: 60 },
    ...{ after: [client, ...way], needs: () => [client], echoes: way },
    async attempt(signal) {
      await ssh.run(whoAmI, signal).catch((thrown: unknown) => {
        if (toProblem(thrown).code !== 'ssh-login-refused') throw thrown
      })
      return 'it answers, with the known key'
    },
  }
  const login: Check = {
    ...{ name: 'ssh-login', subject: `${user}@${host}`, group: 'network', deadlineSeconds: 60 },
    ...onlyAfter([hostKey]),
    attempt: async (signal) => `in as ${(await ssh.run(whoAmI, signal)).output.trim()}`,
  }
  const files: Check = {
    ...{ name: 'ssh-sftp', subject: host, group: 'network', deadlineSeconds: 60 },
    ...onlyAfter([login]),
    async attempt() {
      await using _sftp = await ssh.sftp()
      return 'files are served'
    },
  }
  return { all: [client, hostKey, login, files], login, files }
}

/** Known to Windows and to every other system. */
const whoAmI = ['whoami']
