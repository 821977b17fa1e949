import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countDocItems } from '../../src/act/collect/doc-items.ts'

const document =
  '<?xml version="1.0"?><DocItemSet><DocItem Name="a"/><x:DocItem>\n</x:DocItem><DocItem></DocItem><DocItems/></DocItemSet>'

test('counts each DocItem once, wherever the stream is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (sizes) => {
      const counter = countDocItems()
      for (let at = 0, n = 0; at < document.length; n++) {
        const size = sizes[n % sizes.length] ?? 1
        counter.write(Buffer.from(document.slice(at, at + size)))
        at += size
      }
      expect(counter.count).toBe(3)
    }),
  )
})
