import { fileURLToPath } from 'node:url'

/** The program that Git and the OpenSSH client ask for a login. Git for Windows runs it by its own `sh`. */
export const askpass = fileURLToPath(new URL('./askpass.sh', import.meta.url))

/** Where `askpass` finds the answers: a login is in the environment of one child, on no command line and in no file. */
export function answers(login: { username?: string; password: string }): Record<string, string> {
  return { HOLDFAST_USERNAME: login.username ?? '', HOLDFAST_PASSWORD: login.password }
}
