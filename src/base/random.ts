import { randomBytes } from 'node:crypto'

/** The one source of chance. Tests give their own. */
export interface Random {
  bytes(count: number): Uint8Array
}

export const systemRandom: Random = { bytes: (count) => randomBytes(count) }

/** 128 random bits as 32 hexadecimal digits. */
export function randomId(random: Random): string {
  return Buffer.from(random.bytes(16)).toString('hex')
}
