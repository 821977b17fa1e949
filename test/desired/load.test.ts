import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { load } from '../../src/desired/load.ts'

const sample = join(import.meta.dirname, '..', '..', 'desired-state')

test('the sample in desired-state/ is valid and raises no warning', () => {
  const files = readdirSync(sample, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yaml'))
    .map((path) => ({ path, text: readFileSync(join(sample, path), 'utf8') }))

  const loaded = load('0123', files)

  expect(loaded).toMatchObject({ ok: true, warnings: [] })
  if (!loaded.ok) return
  const { desired } = loaded
  expect(desired.revision).toBe('0123')
  expect(desired.pools.map(({ fqdn }) => fqdn)).toEqual([
    'pool01.contoso.com',
    'chat.contoso.com',
    'dir.contoso.com',
    'med.contoso.com',
    'edge.contoso.com',
    'pool02.contoso.com',
    'se01.contoso.com',
  ])
  expect(desired.deployment.centralManagementStore?.host).toBe('sql01.contoso.com')
  expect(desired.pools.find(({ type }) => type === 'standard-edition')).toMatchObject({
    servers: ['se01.contoso.com'],
    product: 'lync-server-2013',
  })
})
