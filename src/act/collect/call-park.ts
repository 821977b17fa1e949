import { doubtContent } from '../../domain/suspect.ts'
import { writeDurably } from '../../drivers/files/durable.ts'
import { itemCalls } from '../../drivers/shell/item-calls.ts'
import { payloadPath } from '../../sets/payload-path.ts'
import { collected, type Collector } from './collector.ts'
import { refuseErrors } from './export-errors.ts'

/**
 * The Call Park settings as `Get-CsCpsConfiguration` shows them: no export exists, and they are lost when the pool is
 * replaced by one with another name (Response Group, Call Park, Announcement disaster recovery pages).
 */
export const callParkSettings: Collector = {
  resource: () => ({ kind: 'shellHost' }),

  async collect(item, { set, tools, signal }) {
    const result = await tools.drivers.shell.call(itemCalls['call-park'].call, {}, signal)
    refuseErrors(item, result)
    const path = payloadPath(item)
    const content = `${JSON.stringify({ cmdlet: 'Get-CsCpsConfiguration', objects: result.objects }, null, 2)}\n`
    const { bytes, sha256 } = await writeDurably(await set.local(path), content, signal)
    const whole = collected(item, path, [{ path, bytes, sha256 }], { counts: { objects: result.objects.length } })
    if (result.objects.length > 0) return whole
    return {
      ...whole,
      outcome: doubtContent(whole.outcome, 'item-suspect', 'Get-CsCpsConfiguration returned no object.'),
    }
  },
}
