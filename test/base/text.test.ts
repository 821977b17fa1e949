import { expect, test } from 'vitest'
import { oneLine } from '../../src/base/text.ts'

test.each([
  ['what is short stays', 'Back up fe02', 'Back up fe02'],
  ['ends of lines and escapes of a terminal go', 'a\r\nb\u001b[31mc\u0007', 'a b [31mc'],
  ['so do changes of the direction of writing', 'a\u202eb\u2066c\u2029', 'a b c'],
  ['what is long is cut between characters', `${'x'.repeat(18)}😀😀😀`, `${'x'.repeat(18)}😀…`],
])('%s', (_name, text, line) => {
  expect(oneLine(text, 20)).toBe(line)
})
