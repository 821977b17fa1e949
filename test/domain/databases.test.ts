import { describe, expect, it } from 'vitest'
import {
  databases,
  databasesOf,
  isCentralDatabase,
  isKeptDatabase,
  isLyncDatabase,
  isUsedBy,
  type StoreUse,
} from '../../src/domain/databases.ts'

describe('the databases', () => {
  it('stand in the stores of their role, each with what brings it back', () => {
    const uses = ['centralManagement', 'user', 'archiving', 'monitoring', 'persistentChat', 'compliance'] as const
    const told = (use: StoreUse): string[] => databasesOf(use).map(({ name, keptBy }) => `${name} ${keptBy ?? '-'}`)
    expect(Object.fromEntries(uses.map((use) => [use, told(use)]))).toEqual({
      centralManagement: ['xds configuration', 'lis location-information'],
      user: [
        ...['rtcxds user-data', 'rtcshared -', 'rtcab -', 'rtcab1 -'],
        ...['rgsconfig response-groups', 'rgsdyn -', 'cpsdyn -'],
      ],
      archiving: ['LcsLog sql-database'],
      monitoring: ['LcsCDR sql-database', 'QoEMetrics sql-database'],
      persistentChat: ['mgc sql-database'],
      compliance: ['mgccomp -'],
    })
    expect(new Set(databases.map(({ name }) => name.toLowerCase())).size).toBe(databases.length)
  })

  it('of an application are there where it runs', () => {
    const names = (applications: string[]): string[] =>
      databasesOf('user')
        .filter((database) => isUsedBy(database, applications))
        .map(({ name }) => name)
    expect(names([])).toEqual(['rtcxds', 'rtcshared', 'rtcab', 'rtcab1'])
    expect(names(['call-park'])).toEqual(['rtcxds', 'rtcshared', 'rtcab', 'rtcab1', 'cpsdyn'])
    expect(names(['response-group'])).toEqual(['rtcxds', 'rtcshared', 'rtcab', 'rtcab1', 'rgsconfig', 'rgsdyn'])
  })

  it('are known by name in any case', () => {
    expect(['LCSLOG', 'rtcxds', 'rtcab', 'master'].map(isKeptDatabase)).toEqual([true, true, false, false])
    expect(['RTCAB1', 'mgccomp', 'master'].map(isLyncDatabase)).toEqual([true, true, false])
    expect(['XDS', 'lis', 'rtcxds', 'master'].map(isCentralDatabase)).toEqual([true, true, false, false])
  })
})
