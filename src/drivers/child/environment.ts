import { isSecret } from '../../base/log.ts'

/** The environment of this process for a child, without the variables to which `holdfast.yaml` refers for a secret. */
export function environmentWithoutSecrets(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([, value]) => value === undefined || !isSecret(value)))
}
