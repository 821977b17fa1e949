import { webPorts, webServers } from '../../domain/endpoints.ts'
import type { Certificate } from '../../domain/facts.ts'
import type { Probe } from '../probe.ts'

/** One side may be closed to us: often only a reverse proxy reaches port 4443. It says nothing only where neither side does. */
export const webCertificatesProbe: Probe<'webCertificates'> = {
  source: 'TLS',
  deadlineSeconds: 10,
  atOnce: 4,
  subjects: webServers,
  async look(subject, { drivers: { network } }, signal) {
    const sides = [webPorts.internal, webPorts.external].map(async (port): Promise<Certificate> => {
      const { port: _, ...certificate } = await network.certificate(subject, port, signal)
      return certificate
    })
    const [internal, external] = await Promise.allSettled(sides)
    if (internal?.status === 'rejected' && external?.status === 'rejected') throw internal.reason
    return { internal: valueOf(internal), external: valueOf(external) }
  },
}

function valueOf(side: PromiseSettledResult<Certificate> | undefined): Certificate | null {
  return side?.status === 'fulfilled' ? side.value : null
}
