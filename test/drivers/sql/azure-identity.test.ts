import { createRequire } from 'node:module'
import { expect, test } from 'vitest'

test('the SQL Server driver loads, and Azure is neither there nor signed in to', () => {
  const mssql = createRequire(createRequire(import.meta.url).resolve('mssql'))
  const tedious = createRequire(mssql.resolve('tedious'))
  expect(() => tedious('tedious') as unknown).not.toThrow()
  const { DefaultAzureCredential } = tedious('@azure/identity') as { DefaultAzureCredential: new () => unknown }
  expect(() => new DefaultAzureCredential()).toThrow('Holdfast does not sign in to Azure.')
})
