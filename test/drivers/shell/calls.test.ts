import { expect, test } from 'vitest'
import table from '../../../src/drivers/shell/calls.json' with { type: 'json' }
import { checkCall } from '../../../src/drivers/shell/calls.ts'

/** "Destroy data: never issue unattended" (domain reference, section 10), and what resets the state of a pool. */
const dangerous =
  /^(?:Clean|RemoveExportedConfiguration|DisableExportedNodes|DisasterMode|ResetType|QuorumLossRecovery|Force|ResolveNameConflicts)$/i

test('no call can carry a switch that destroys data, and no cmdlet that does so is a call', () => {
  const calls = Object.entries(table.calls)
  expect(calls.flatMap(([, { parameters }]) => Object.keys(parameters)).filter((one) => dangerous.test(one))).toEqual(
    [],
  )
  const verbs = new Set(calls.map(([, { cmdlet }]) => cmdlet.split('-')[0]))
  const known = ['Export', 'Get', 'Import', 'Invoke', 'Publish', 'Start', 'Stop', 'Test', 'Update']
  expect([...verbs].sort()).toEqual(known)
  const invoked = calls.map(([, { cmdlet }]) => cmdlet).filter((one) => one.startsWith('Invoke-'))
  expect(invoked).toEqual(['Invoke-CsPoolFailback', 'Invoke-CsBackupServiceSync'])
})

test.each([
  ['export-response-groups', 'RemoveExportedConfiguration'],
  ['export-persistent-chat', 'DisableExportedNodes'],
  ['start-pool', 'QuorumLossRecovery'],
  ['import-configuration', 'Force'],
  ['fail-back-pool', 'DisasterMode'],
  ['fail-back-pool', 'SkipDataVerification'],
])('%s is refused with %s', (call, parameter) => {
  expect(() => checkCall(call, { [parameter]: true })).toThrow(expect.objectContaining({ code: 'shell-call-refused' }))
})
