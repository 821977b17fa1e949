import { expect, test } from 'vitest'
import { createLog, registerSecret } from '../../src/base/log.ts'

test('fault 31: a registered secret never reaches the log, in any form', () => {
  const lines: string[] = []
  const log = createLog({ write: (line) => lines.push(line) }, 'info')
  registerSecret('p"ä/55')

  log.error({ err: new Error('login p"ä/55 failed'), url: `sql://${encodeURIComponent('p"ä/55')}` }, 'p"ä/55')
  log.info({ basic: Buffer.from('p"ä/55').toString('base64') }, 'again')

  expect(lines.join('')).toContain('[secret]')
  expect(lines.join('')).not.toMatch(/ä\/55|p%22|cCLDpC81NQ/)
})
