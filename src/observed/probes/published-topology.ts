import { hashOf } from '../../base/hash.ts'
import { textAnswer, unreadable } from '../answer.ts'
import type { Probe } from '../probe.ts'
import { readPublishedTopology } from '../read-topology.ts'

/** To be raised when topologies are understood in another way: one that was stored is then read anew. */
const reading = 2

export const publishedTopologyProbe: Probe<'publishedTopology'> = {
  source: 'Get-CsTopology',
  deadlineSeconds: 180,
  atOnce: 'shell-first',
  subjects: ({ deployment }) => [deployment.name],
  async look(_subject, { drivers }, signal, before) {
    const text = textAnswer(await drivers.probeShell.call('published-topology', { AsXml: true }, signal))
    if (text.trim() === '') throw unreadable('it is empty')
    const signature = hashOf([reading, text])
    return before?.signature === signature
      ? before
      : { signature, topology: await readPublishedTopology(Buffer.from(text)) }
  },
  essence: ({ signature }) => signature,
}
