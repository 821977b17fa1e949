/** Who acts on a location, as his heartbeat there says; null where it cannot be understood. */
export interface LocationUser {
  host: string | null
  process: number | null
}
