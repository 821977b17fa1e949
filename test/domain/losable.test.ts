import { expect, test } from 'vitest'
import { losable } from '../../src/domain/loss/losable.ts'
import { contoso } from '../support/contoso.ts'

test('hosts, pools, file stores and the databases that a policy backs up can be lost by name, each once', async () => {
  const names = losable(await contoso())
  for (const name of [
    'fe01.contoso.com',
    'pool01.contoso.com',
    '\\\\fs01.contoso.com\\LyncShare',
    'sql05.contoso.com/LcsCDR',
  ])
    expect(names).toContain(name)
  expect(names).not.toContain('sql01.contoso.com\\rtc/rtcxds') // kept by its export
  expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length)
})
