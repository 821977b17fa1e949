import { Problem, toProblem } from '../../base/problem.ts'
import { wholeRun } from '../../domain/inventory.ts'
import type { Desired } from '../../domain/model.ts'
import { partnersOf } from '../../domain/endpoints.ts'
import { sameSubject, sqlSubject } from '../../domain/subject.ts'
import { cmdletOf } from '../../drivers/shell/calls.ts'
import type { CallName, ShellHost } from '../../drivers/shell/host.ts'
import { directoryLists } from '../../drivers/shell/directory-lists.ts'
import { itemCalls } from '../../drivers/shell/item-calls.ts'
import { onlyAfter, type Check, type ChecksByHost } from '../check.ts'
import type { Surroundings } from '../surroundings.ts'
import type { SqlChecks } from './sql.ts'
import { sshChecks } from './ssh.ts'

/** By this the session proves that it reaches the Central Management store; it only reads. */
const topologyCall: CallName = 'published-topology'

const noDirectory = 'The record of the directory is suspect without it; no set must have it.'
const nobodyServing =
  'Without it nobody sees which of two paired pools serves; the copies of their user data count all the same.'

/** The machine with the Management Shell; nothing where no policy needs a cmdlet. `names`: what a way to it depends on. */
export function shellChecks(
  desired: Desired,
  names: ChecksByHost,
  sql: SqlChecks,
  { config, drivers }: Surroundings,
): Check[] {
  const kinds = desired.policies.flatMap((policy) => wholeRun(desired, policy).map(({ kind }) => kind))
  const calls = [...new Set(kinds.flatMap((kind) => itemCalls[kind]?.call ?? []))]
  const records = kinds.includes('directory-record') ? directoryLists : []
  if (calls.length === 0 && records.length === 0) return []
  const way =
    config.shell?.transport === 'ssh' ? sshChecks(config.shell, config, names.of(config.shell.host), drivers) : null
  const session: Check = {
    ...onlyAfter(way ? [way.login] : []),
    ...{ name: 'shell', subject: config.shell?.command[0] ?? 'shell', group: 'shell', deadlineSeconds: 180 },
    async attempt(signal) {
      await drivers.shell.call('commands', { Name: cmdletOf(topologyCall).cmdlet }, signal)
      return 'a session answers'
    },
  }
  const scratch: Check = {
    ...{
      name: 'shell-scratch',
      subject: config.shell?.scratch ?? 'shell.scratch',
      group: 'local',
      deadlineSeconds: 60,
    },
    ...onlyAfter(way ? [session, way.files] : [session]),
    attempt: () => tryScratch(drivers.shell),
  }
  const cmdlets = [...calls, topologyCall].map((call) => checkCmdlet(call, drivers.shell, session))
  const topology = cmdlets.at(-1) ?? session
  const recording = records.map(({ call }) => optional(checkCmdlet(call, drivers.shell, session), noDirectory))
  const isPaired = desired.pools.some(({ pairedWith }) => pairedWith !== null)
  const serving =
    isPaired && kinds.includes('user-data')
      ? [optional(checkCmdlet('registrar-settings', drivers.shell, session), nobodyServing)]
      : []
  const central = checkCentralManagement(desired, drivers.shell, topology, sql)
  return [...(way?.all ?? []), session, scratch, ...cmdlets, ...recording, ...serving, central]
}

async function tryScratch(shell: ShellHost): Promise<string> {
  await using folder = await shell.scratch()
  await folder.write('probe.txt', 'holdfast')
  for await (const _chunk of await folder.open('probe.txt'));
  return 'can be written and read'
}

export function checkCmdlet(call: CallName, shell: ShellHost, session: Check): Check {
  const { cmdlet, parameters } = cmdletOf(call)
  return {
    ...{ name: 'cmdlet', subject: cmdlet, group: 'shell', deadlineSeconds: 120 },
    ...onlyAfter([session]),
    async attempt(signal) {
      const { objects } = await shell.call('commands', { Name: cmdlet }, signal)
      const known = objects.map(parametersIn)[0]
      if (known === undefined) throw missing(cmdlet, `The session has no cmdlet ${cmdlet}.`)
      const absent = parameters.filter((parameter) => !known.has(parameter.toLowerCase()))
      if (absent.length > 0) throw missing(cmdlet, `${cmdlet} has no parameter ${absent.join(', ')} there.`)
      return parameters.length === 0 ? 'there' : `there, with ${parameters.join(', ')}`
    },
  }
}

/** No set must have the record of the directory: that one of its cmdlets is missing is told, and is no fault. */
function optional(check: Check, without: string): Check {
  return {
    ...check,
    async attempt(signal) {
      try {
        return await check.attempt(signal)
      } catch (thrown) {
        const { code, message } = toProblem(thrown)
        if (code !== 'cmdlet-missing') throw thrown
        return { leftOut: `${message} ${without}` }
      }
    },
  }
}

/** Names of parameters in lower case, out of the syntax that PowerShell shows of each parameter set. */
function parametersIn(command: unknown): Set<string> {
  const sets: unknown = typeof command === 'object' && command !== null ? Reflect.get(command, 'ParameterSets') : null
  const text = [sets]
    .flat()
    .filter((set) => typeof set === 'string')
    .join(' ')
  return new Set(text.matchAll(/(?:^|[\s[])-([A-Za-z]\w*)/g).map(([, name]) => (name ?? '').toLowerCase()))
}

function missing(cmdlet: string, message: string): Problem {
  return new Problem('cmdlet-missing', {
    subject: cmdlet,
    message,
    hint: `Install the administrative tools of the newest product of the deployment on that machine. In the Management Shell: Get-Command ${cmdlet} -Syntax`,
  })
}

function checkCentralManagement({ deployment }: Desired, shell: ShellHost, topology: Check, sql: SqlChecks): Check {
  const { centralManagementStore: store } = deployment
  const subject = store ? sqlSubject(store) : deployment.name
  const copies = store ? partnersOf(store).map((copy) => sqlSubject(copy)) : []
  const logins = sql.instances
    .filter(({ server }) => copies.some((copy) => sameSubject(copy, server.subject)))
    .map(({ login }) => login)
  return {
    ...{ name: 'central-management', subject, group: 'shell', deadlineSeconds: 180 },
    ...{ after: [topology, ...logins], needs: () => [topology], echoes: logins },
    async attempt(signal) {
      const { objects, errors } = await shell.call(topologyCall, { AsXml: true }, signal).catch((thrown: unknown) => {
        signal.throwIfAborted()
        const problem = toProblem(thrown)
        throw problem.code === 'shell-call-failed' ? notReached(subject, problem.message) : problem
      })
      if (typeof objects[0] === 'string' && objects[0] !== '') return 'the session reads the published topology'
      throw notReached(subject, errors[0]?.message ?? 'Get-CsTopology returned nothing.')
    },
  }
}

function notReached(subject: string, message: string): Problem {
  return new Problem('central-management-unreachable', {
    subject,
    message: `The session cannot read the Central Management store: ${message}`,
    hint: 'On that machine, under the account of the daemon: Get-CsManagementConnection, then Get-CsTopology. The account must be in RTCUniversalReadOnlyAdmins or above and have network credentials of its own.',
  })
}
