import type { Probe, ProbedFact } from './probe.ts'
import { dnsProbe } from './probes/dns.ts'
import { fileStoreProbe } from './probes/file-store.ts'
import { locationProbe } from './probes/location.ts'
import { sqlInstanceProbe } from './probes/sql-instance.ts'
import { tlsProbe } from './probes/tls.ts'

/** One probe for every kind of fact. */
export const probes = {
  location: locationProbe,
  sqlInstance: sqlInstanceProbe,
  fileStore: fileStoreProbe,
  dns: dnsProbe,
  tls: tlsProbe,
} satisfies { [F in ProbedFact]: Probe<F> }
