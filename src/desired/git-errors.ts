/** The one place where the words of Git, its HTTP library and the OpenSSH client are read, as they say them with LC_ALL=C. */
import { scrub } from '../base/log.ts'
import { Problem } from '../base/problem.ts'
import type { ProblemCode } from '../base/problem-codes.ts'

interface Meaning {
  said: RegExp
  code: ProblemCode
  /** What happened; the words themselves are quoted behind it. */
  message: string
  hint: string
}

const loginHint =
  'See whether the token or password is the right one, has not run out, and may read the repository; docs/how-to/git.md says how to make one.'
const certificateHint =
  'Where a private authority signed the certificate, name its PEM file in git.ca. Otherwise ask who runs the server; see which certificate it shows:  openssl s_client -connect HOST:443'
const copyHint =
  'This account must be able to write that folder. It may be removed: it is made again at the next start.'
const hostKeyHint =
  'Compare the key that  ssh-keyscan HOST  shows with the one that the owner of the server publishes. Where they agree, put that line into the file of git.ssh.knownHosts (left out: ~/.ssh/known_hosts of this account).'

/** The first row that fits holds: what is said of the cause comes before what is said of its consequence. */
const meanings: readonly Meaning[] = [
  {
    said: /spawn (git|setsid) ENOENT|setsid: (failed to execute|execvp:?) git/,
    code: 'git-missing',
    message: 'Git was not found in PATH.',
    hint: 'Install Git, and check that it is in PATH of the account of the daemon:  git --version',
  },
  {
    said: /\bssh: (command )?not found|cannot (run|exec|spawn) '?ssh\b/,
    code: 'ssh-client-missing',
    message: 'The OpenSSH client (ssh) was not found in PATH.',
    hint: 'Install the OpenSSH client (Debian: apt install openssh-client), or fetch over https.',
  },
  {
    said: /cannot (run|exec) .*askpass\.sh/,
    code: 'source-unreachable',
    message: 'Git could not run the program that hands over the login.',
    hint: 'The file src/drivers/askpass.sh of Holdfast must be executable, and on a file system that lets programs run.',
  },
  {
    said: /dubious ownership in repository/,
    code: 'source-forbidden',
    message: 'The repository belongs to another account of this machine, and Git does not read such a one unasked.',
    hint: 'Let it be read by this account:  git config --global --add safe.directory PATH',
  },
  {
    said: /not a git repository \(or any|directory that does not exist|cannot (lock|open|create|update|mkdir|chdir)|unable to (write|append|create|open|unlink)|insufficient permission for adding an object|No space left on device|object .* is (corrupt|empty)|bad object refs|Read-only file system/i,
    code: 'source-copy-unusable',
    message: 'The copy of the repository beside the state store cannot be used.',
    hint: copyHint,
  },
  {
    said: /REMOTE HOST IDENTIFICATION HAS CHANGED|host key .* has changed/i,
    code: 'source-host-key',
    message: 'The server of the repository shows another host key than the known one.',
    hint: `Somebody may be intercepting the connection. ${hostKeyHint}`,
  },
  {
    said: /Host key verification failed|no .* host key is known/i,
    code: 'source-host-key',
    message: 'No host key of the server of the repository is known.',
    hint: hostKeyHint,
  },
  {
    said: /Permissions .* are too open|UNPROTECTED PRIVATE KEY FILE/,
    code: 'source-login-refused',
    message: 'The OpenSSH client does not use the private key, because others can read it.',
    hint: 'Leave the file of git.ssh.key to the account of the daemon alone (chmod 600; on Windows icacls /inheritance:r).',
  },
  {
    said: /Identity file .* not accessible|Load key ".*": /,
    code: 'source-login-refused',
    message: 'The private key cannot be used.',
    hint: 'See that git.ssh.key names a private key without passphrase, which this account can read:  ssh-keygen -y -P "" -f KEY',
  },
  {
    said: /Permission denied \([a-z]|Too many authentication failures|No more authentication methods/,
    code: 'source-login-refused',
    message: 'The server of the repository did not accept the ssh key.',
    hint: 'Register the public key with the repository as a deploy key, and name the private one in git.ssh.key; the user of the url is mostly git.',
  },
  {
    said: /could not read (Username|Password) for/,
    code: 'source-login-refused',
    message: 'The server of the repository wants a login, and holdfast.yaml has none.',
    hint: 'Set git.username and git.password; docs/how-to/git.md says how to make a token. A public repository that asks for a login is not there: check git.url.',
  },
  {
    said: /Authentication failed for|returned error: 401|HTTP Basic: Access denied/,
    code: 'source-login-refused',
    message: 'The server of the repository did not accept git.username and git.password.',
    hint: loginHint,
  },
  {
    said: /returned error: 403|not authorized|access (was )?denied/i,
    code: 'source-forbidden',
    message: 'The account may not read the repository.',
    hint: `${loginHint} The right is mostly called "read repository", "Contents: read" or "Code: read".`,
  },
  {
    said: /does not appear to be a git repository|repository .* not found|Repository not found|not valid: is this a git repository|returned error: (404|410)|could not be found or you don't have permission|TF401019|^fatal: .* does not exist$/im,
    code: 'source-not-found',
    message: 'The repository does not exist, or the account may not see it.',
    hint: 'Check git.url, down to the letter; many servers say the same where the login may not see the repository.',
  },
  {
    said: /Could not resolve (host|hostname|proxy)|Temporary failure in name resolution/i,
    code: 'source-host-unknown',
    message: 'The name of the server of the repository does not resolve.',
    hint: 'Check git.url, and whether this machine resolves the name:  nslookup HOST',
  },
  {
    said: /timed out|Timeout was reached|Operation too slow|Connection timeout/i,
    code: 'source-timeout',
    message: 'The server of the repository did not answer in time.',
    hint: 'Check the firewall and the proxy between (git config --system http.proxy), and the server itself.',
  },
  {
    said: /SSL certificate problem|certificate verif|certificate subject name|SSL: no alternative|certificate has expired|self.signed certificate|local issuer certificate|Problem with the SSL CA cert|error (setting certificate|adding trust)|gnutls_handshake\(\) failed|SSL connect error|tlsv1 alert|wrong version number|CERT_|SEC_E_(UNTRUSTED|CERT|WRONG)|CRYPT_E_/i,
    code: 'source-tls',
    message: 'The certificate of the server of the repository is not trusted, or no TLS connection came about.',
    hint: certificateHint,
  },
  {
    said: /Connection refused|Couldn't connect to server|Failed to connect to|No route to host|Network is unreachable/i,
    code: 'source-refused',
    message: 'The server of the repository took no connection.',
    hint: 'Check host and port in git.url, whether the server runs, and the firewall or proxy between.',
  },
]

/** What a failed call of Git says of the source, as a Problem; `source-unreachable` where its words are not known. */
export function gitProblem(thrown: unknown): Problem {
  const said = wordsOf(thrown)
  const found = meanings.find((meaning) => meaning.said.test(said))
  const quoted = quote(said, found?.said)
  if (!found)
    return new Problem('source-unreachable', {
      message: quoted,
      hint: 'Check git.url in holdfast.yaml, and that this account can read the repository without being asked for anything.',
      cause: thrown,
    })
  const { code, message, hint } = found
  return new Problem(code, { message: `${message} (${quoted})`, hint, cause: thrown })
}

/** The same for a call that reaches no server: whatever failed, failed at the copy. */
export function copyProblem(thrown: unknown, folder: string): Problem {
  const problem = thrown instanceof Problem ? thrown : gitProblem(thrown)
  if (problem.code === 'git-missing' || problem.code === 'desired-state-too-large') return problem
  return new Problem('source-copy-unusable', {
    subject: folder,
    message: `The copy of the repository cannot be kept in ${folder}. ${quote(wordsOf(thrown))}`,
    hint: copyHint,
    cause: thrown,
  })
}

/** Path of a lock in the way of a fetch; null when it failed otherwise. */
export function lockInTheWay(thrown: unknown): string | null {
  return /Unable to create '([^'\n]+\.lock)': File exists/.exec(wordsOf(thrown))?.[1] ?? null
}

/** Up to three lines that say why, the one that was understood first; without a login, should a server repeat one. */
function quote(said: string, understood?: RegExp): string {
  const lines = said
    .split(/[\r\n]+/)
    .map((line) => line.replaceAll(/\p{Cc}/gu, ' ').trim())
    .filter((line) => line !== '' && !line.startsWith('hint:'))
  const telling = lines.filter((line) => understood?.test(line) ?? /^(fatal|error|ssh|remote|setsid)/i.test(line))
  const chosen = (telling.length > 0 ? telling : lines).slice(0, understood ? 1 : 3)
  return scrub(chosen.join(' ')).replaceAll(/(https?:\/\/)[^/\s']*@/g, '$1')
}

function wordsOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
