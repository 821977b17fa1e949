import { certificatesOf, type SqlServerFacts } from '../facts.ts'
import { factsOf } from '../run/frame.ts'
import { seesDefinitions } from '../run/rights.ts'
import type { Row, TableDefinition } from './table.ts'

/** Of `master`, whatever database asks; who may not see definitions sees none. */
export const certificateViews: Record<string, TableDefinition> = {
  'sys.certificates': {
    columns: `name sysname, certificate_id int, principal_id int, pvt_key_encryption_type char(2),
      pvt_key_encryption_type_desc nvarchar(60), thumbprint varbinary(32)`,
    rows: (frame) => (seesDefinitions(frame) ? certificateRows(factsOf(frame)) : []),
  },
  /** Keys of a device (EKM); no server here has one. */
  'sys.asymmetric_keys': {
    columns: `name sysname, principal_id int, asymmetric_key_id int, pvt_key_encryption_type char(2), thumbprint varbinary(32)`,
    rows: () => [],
  },
}

function certificateRows(facts: SqlServerFacts): Row[] {
  const withKey = [...new Set(certificatesOf(facts))].map((hex) => ({
    hex,
    type: 'MK',
    words: 'ENCRYPTED_BY_MASTER_KEY',
  }))
  const without = (facts.certificatesWithoutKey ?? []).map((hex) => ({ hex, type: 'NA', words: 'NO_PRIVATE_KEY' }))
  return [...withKey, ...without].map(({ hex, type, words }, index) => ({
    ...{ name: `TDE_${hex.slice(0, 8)}`, certificate_id: 256 + index, principal_id: 1 },
    ...{ pvt_key_encryption_type: type, pvt_key_encryption_type_desc: words, thumbprint: Buffer.from(hex, 'hex') },
  }))
}
