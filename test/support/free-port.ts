import { freePort as freeOf, openPorts } from '../../src/lab/ports.ts'

let ports: ReturnType<typeof openPorts> | null = null

/** A port for a program of a test, which no lab beside it takes. */
export async function freePort(): Promise<number> {
  return freeOf(await (ports ??= openPorts()))
}
