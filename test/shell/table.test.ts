import { describe, expect, test } from 'vitest'
import table from '../../src/drivers/shell/calls.json' with { type: 'json' }
import reference from './cmdlet-reference.json' with { type: 'json' }

interface Call {
  cmdlet: string
  parameters: Readonly<Record<string, string>>
  returns: readonly string[]
  source: string
}

const calls = Object.entries<Call>(table.calls)
const documented: Readonly<Record<string, { parameters: readonly string[] } | undefined>> = reference

/** What changes or deletes the thing exported, or hides errors (domain reference, section 10). */
const dangerous = [
  'Force',
  'RemoveExportedConfiguration',
  'DisableExportedNodes',
  'Confirm',
  'WhatIf',
  'LegacyFormat',
  'LocalStore',
  'Clean',
  'DisasterMode',
]

/** What Holdfast's own steps of a restore may run; nothing issues them outside of one. */
const restoring = [
  ...['Import-CsConfiguration', 'Import-CsLisConfiguration', 'Publish-CsLisConfiguration', 'Import-CsUserData'],
  ...['Update-CsUserData', 'Import-CsRgsConfiguration', 'Import-CsPersistentChatData', 'Stop-CsWindowsService'],
  ...['Start-CsWindowsService', 'Start-CsPool', 'Invoke-CsPoolFailback', 'Invoke-CsBackupServiceSync'],
]

/** Its question, which nobody is there to answer, was answered in Git. */
const answeredInGit = ['Invoke-CsPoolFailback Confirm']

describe.each(calls)('the call %s', (_, { cmdlet, parameters, source }) => {
  test('gives its cmdlet only parameters of the cmdlet reference', () => {
    expect(documented[cmdlet], `the reference of ${cmdlet}`).toBeDefined()
    expect(documented[cmdlet]?.parameters).toEqual(expect.arrayContaining(Object.keys(parameters)))
  })

  test('has no dangerous parameter', () => {
    const found = Object.keys(parameters).filter((name) => dangerous.includes(name))
    expect(found.filter((name) => !answeredInGit.includes(`${cmdlet} ${name}`))).toEqual([])
  })

  test('only reads or exports, or is one of the steps of a restore', () => {
    if (!restoring.includes(cmdlet)) expect(cmdlet).toMatch(/^(Get|Export|Test)-/)
  })

  test('names where its cmdlet is described, and types that the script knows', () => {
    expect(source).not.toBe('')
    expect(['string', 'path', 'switch']).toEqual(expect.arrayContaining(Object.values(parameters)))
  })
})
