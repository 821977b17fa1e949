import type { ProbedFact } from '../domain/cadence.ts'
import type { Probe } from './probe.ts'
import { centralManagementProbe } from './probes/central-management.ts'
import { complianceAdapterProbe } from './probes/compliance-adapter.ts'
import { databaseTestsProbe } from './probes/database-tests.ts'
import { dhcpProbe } from './probes/dhcp.ts'
import { dnsProbe } from './probes/dns.ts'
import { fabricProbe } from './probes/fabric.ts'
import { fileStoreProbe } from './probes/file-store.ts'
import { locationProbe } from './probes/location.ts'
import { oauthCertificateProbe } from './probes/oauth-certificate.ts'
import { pairingProbe } from './probes/pairing.ts'
import { patchLevelsProbe } from './probes/patch-levels.ts'
import { poolStatesProbe } from './probes/pool-states.ts'
import { portsProbe } from './probes/ports.ts'
import { publishedTopologyProbe } from './probes/published-topology.ts'
import { replicationProbe } from './probes/replication.ts'
import { servicesProbe } from './probes/services.ts'
import { simpleUrlsProbe } from './probes/simple-urls.ts'
import { sqlInstanceProbe } from './probes/sql-instance.ts'
import { tlsProbe } from './probes/tls.ts'
import { webCertificatesProbe } from './probes/web-certificates.ts'

/** One probe for every kind of fact. */
export const probes = {
  location: locationProbe,
  ports: portsProbe,
  sqlInstance: sqlInstanceProbe,
  fileStore: fileStoreProbe,
  dns: dnsProbe,
  tls: tlsProbe,
  webCertificates: webCertificatesProbe,
  replication: replicationProbe,
  centralManagement: centralManagementProbe,
  publishedTopology: publishedTopologyProbe,
  services: servicesProbe,
  databaseTests: databaseTestsProbe,
  fabric: fabricProbe,
  pairing: pairingProbe,
  poolStates: poolStatesProbe,
  simpleUrls: simpleUrlsProbe,
  oauthCertificate: oauthCertificateProbe,
  complianceAdapter: complianceAdapterProbe,
  patchLevels: patchLevelsProbe,
  dhcp: dhcpProbe,
} satisfies { [F in ProbedFact]: Probe<F> }
