import { z } from 'zod'
import { fqdn } from '../../base/fields.ts'

const reserved = /^(current|journal|dfsrprivate|con|prn|aux|nul|com\d|lpt\d)$/i

/** Name of a deployment, policy or location: a subject of its own and a folder on the share, so it has no dots. */
export const simpleName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/, 'is not a plain name (letters, digits, - and _, at most 63, no dots)')
  .refine((name) => !reserved.test(name), 'is a name that Windows or the backup location keeps for itself')

/** Name by which other resources refer to this one. */
export const resourceName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, 'is not a name (letters, digits, dots, - and _, at most 128)')

/** Name of a SQL Server instance as people write it; the default instance is the empty text. */
export const instanceField = z
  .string()
  .regex(/^([\p{L}_&#][\p{L}\p{N}_&#$]{0,15})?$/u, 'is not an instance name (at most 16 characters, no dots)')
  .transform((name) => (name.toUpperCase() === 'MSSQLSERVER' ? '' : name))

export const poolName = fqdn.describe('FQDN of the pool; of a Standard Edition pool, that of its server.')
