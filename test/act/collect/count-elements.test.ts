import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countElements } from '../../../src/act/collect/count-elements.ts'
import type { ItemKind } from '../../../src/domain/words.ts'

const users = `<?xml version="1.0"?><DocItemSet><DocItem Name="urn:lcd:a@contoso.com"/><x:DocItem
  Name = 'urn:lcd:b@contoso.com'><Data Name="urn:lcd:c"/></x:DocItem><DocItem Name="urn:hcd:a@contoso.com"></DocItem><DocItems/>
<ConferenceDirectory Id="1" /></DocItemSet>`
const groups = '<Rgs><Workflows><Workflow Id="1"/><Workflow Id="2"></Workflow></Workflows></Rgs>'

function counted(kind: ItemKind, text: string, sizes: readonly number[]): Record<string, number> {
  const counter = countElements(kind)
  const document = counter.inspect('DocItemSet.xml')
  for (let at = 0, n = 0; at < text.length; n++) {
    const size = sizes[n % sizes.length] ?? 1
    document?.write(Buffer.from(text.slice(at, at + size)))
    at += size
  }
  document?.end()
  return counter.counts()
}

test('counts each element once, wherever the stream is cut', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 })
  fc.assert(
    fc.property(sizes, (cuts) => {
      expect(counted('user-data', users, cuts)).toEqual({
        elements: 7,
        documents: 3,
        users: 2,
        conferenceDirectories: 1,
      })
      expect(counted('response-groups', groups, cuts)).toEqual({ elements: 4, workflows: 2 })
      expect(counted('configuration', '<a><b/></a>', cuts)).toEqual({ elements: 2 })
    }),
  )
})

test('says nothing of an export without XML documents', () => {
  const counter = countElements('user-data')
  expect(counter.inspect('Audio/welcome.wma')).toBeNull()
  expect(counter.counts()).toEqual({})
})

test('what is no XML is not kept in memory', () => {
  const counter = countElements('user-data')
  const document = counter.inspect('a.XML')
  for (let n = 0; n < 100; n++) document?.write(Buffer.alloc(64 * 1024, '<'))
  expect(counter.counts()).toMatchObject({ elements: 0 })
})
