/** The parts of the JSON shapes (design, section 9) that end-to-end tests read, written down by hand. */
export interface SetsJson {
  sets: {
    id: string
    policy: string
    state: string
    path: string
    unc: string
    revision: string
    slot?: string | null
    cause: string
    items: {
      kind: string
      subject: string
      path: string
      outcome: string
      bytes: number
      code?: string
      message?: string
    }[]
    verifications: { level: string; outcome: string }[]
  }[]
}

export interface StatusJson {
  revision: string
  conditions: { subject: string; type: string; status: string; reason: string; message: string; since: string }[]
  policies: {
    name: string
    lastSet: string | null
    lastOutcome: string | null
    nextRunAt: string | null
    running: boolean
  }[]
  items: {
    kind: string
    subject: string
    recoveryPoint: { set: string; at: string } | null
    ageSeconds: number | null
  }[]
  servers: { fqdn: string; pool?: string; roles: string[]; class: string; flag: unknown }[]
}
