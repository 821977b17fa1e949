import { TLSSocket } from 'node:tls'
import type { Authority } from './certificates.ts'
import { listenTcp } from './ports.ts'
import type { Requests } from './requests.ts'
import type { LabCertificate } from './world.ts'

interface EndPoint {
  host: string
  /** The port as it is known in the deployment. */
  port: number
  certificate: () => LabCertificate | undefined
}

/** A TLS end point that presents the machine's certificate of the moment and says nothing else. */
export function startTls(
  local: number,
  { host, port, certificate }: EndPoint,
  authority: Authority,
  requests: Requests,
): Promise<{ close(): Promise<void> }> {
  return listenTcp(local, (socket) => {
    const wanted = certificate()
    requests.record({ kind: 'tls', host, port })
    if (!wanted) {
      socket.destroy()
      return
    }
    authority.context(wanted).then(
      (secureContext) => {
        const secure = new TLSSocket(socket, { isServer: true, secureContext })
        secure.on('error', () => socket.destroy()).resume()
      },
      () => socket.destroy(),
    )
  })
}
