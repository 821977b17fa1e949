import { describe, expect, test } from 'vitest'
import { copyProblem, gitProblem, lockInTheWay } from '../../src/desired/git-errors.ts'

const unreadable = `fatal: Could not read from remote repository.

Please make sure you have the correct access rights
and the repository exists.`

/** As Git 2.39 to 2.48 with GnuTLS, OpenSSL and Windows' own TLS, OpenSSH 7 to 9, and the great hosts say it. */
const said: [code: string, words: string][] = [
  ['git-missing', 'Error: spawn git ENOENT'],
  ['git-missing', 'setsid: failed to execute git: No such file or directory'],
  ['ssh-client-missing', `ssh -o BatchMode=yes: 1: ssh: not found\n${unreadable}`],
  ['ssh-client-missing', `sh: line 1: ssh: command not found\n${unreadable}`],
  ['ssh-client-missing', `error: cannot run ssh: No such file or directory\nfatal: unable to fork`],
  [
    'source-host-unknown',
    "fatal: unable to access 'https://git.contoso.com/x.git/': Could not resolve host: git.contoso.com",
  ],
  [
    'source-host-unknown',
    "fatal: unable to access 'https://git.contoso.com/x.git/': Could not resolve proxy: proxy.contoso.com",
  ],
  ['source-host-unknown', `ssh: Could not resolve hostname git.contoso.com: Name or service not known\n${unreadable}`],
  [
    'source-refused',
    "fatal: unable to access 'https://git.contoso.com/': Failed to connect to git.contoso.com port 443: Connection refused",
  ],
  [
    'source-refused',
    "fatal: unable to access 'https://git.contoso.com/': Failed to connect to git.contoso.com port 443 after 3 ms: Couldn't connect to server",
  ],
  ['source-refused', `ssh: connect to host git.contoso.com port 22: Connection refused\n${unreadable}`],
  [
    'source-timeout',
    "fatal: unable to access 'https://git.contoso.com/': Failed to connect to git.contoso.com port 443: Connection timed out",
  ],
  [
    'source-timeout',
    "fatal: unable to access 'https://git.contoso.com/': Operation too slow. Less than 1 bytes/sec transferred the last 20 seconds",
  ],
  ['source-timeout', `ssh: connect to host git.contoso.com port 22: Connection timed out\n${unreadable}`],
  [
    'source-tls',
    "fatal: unable to access 'https://git.contoso.com/': server certificate verification failed. CAfile: none CRLfile: none",
  ],
  [
    'source-tls',
    "fatal: unable to access 'https://git.contoso.com/': SSL certificate problem: unable to get local issuer certificate",
  ],
  [
    'source-tls',
    "fatal: unable to access 'https://10.0.0.1/': SSL: certificate subject name (git.contoso.com) does not match target host name '10.0.0.1'",
  ],
  [
    'source-tls',
    "fatal: unable to access 'https://git.contoso.com/': Problem with the SSL CA cert (path? access rights?)",
  ],
  [
    'source-tls',
    "fatal: unable to access 'https://git.contoso.com/': error setting certificate verify locations:  CAfile: /etc/holdfast/ca.pem",
  ],
  [
    'source-tls',
    "fatal: unable to access 'https://git.contoso.com/': schannel: SEC_E_UNTRUSTED_ROOT (0x80090325) - The certificate chain was issued by an authority that is not trusted.",
  ],
  [
    'source-tls',
    "fatal: unable to access 'https://git.contoso.com/': gnutls_handshake() failed: An unexpected TLS packet was received.",
  ],
  ['source-login-refused', "fatal: could not read Username for 'https://git.contoso.com': terminal prompts disabled"],
  ['source-login-refused', "fatal: Authentication failed for 'https://git.contoso.com/x.git/'"],
  [
    'source-login-refused',
    "remote: HTTP Basic: Access denied. The provided password or token is incorrect.\nfatal: Authentication failed for 'https://gitlab.com/x.git/'",
  ],
  ['source-login-refused', `git@github.com: Permission denied (publickey).\n${unreadable}`],
  [
    'source-login-refused',
    `Load key "/etc/holdfast/key": error in libcrypto\ngit@git.contoso.com: Permission denied (publickey).\n${unreadable}`,
  ],
  [
    'source-login-refused',
    `Received disconnect from 10.0.0.1 port 22:2: Too many authentication failures\n${unreadable}`,
  ],
  [
    'source-forbidden',
    "remote: Write access to repository not granted.\nfatal: unable to access 'https://github.com/contoso/x.git/': The requested URL returned error: 403",
  ],
  ['source-forbidden', "fatal: detected dubious ownership in repository at '/srv/lync-backup.git'"],
  [
    'source-not-found',
    "remote: Repository not found.\nfatal: repository 'https://github.com/contoso/x.git/' not found",
  ],
  ['source-not-found', `ERROR: Repository not found.\n${unreadable}`],
  [
    'source-not-found',
    `remote: ERROR: The project you were looking for could not be found or you don't have permission to view it.\n${unreadable}`,
  ],
  [
    'source-not-found',
    "remote: TF401019: The Git repository with name or identifier x does not exist or you do not have permissions for the operation you are attempting.\nfatal: repository 'https://dev.azure.com/contoso/_git/x/' not found",
  ],
  ['source-not-found', `fatal: '/srv/x.git' does not appear to be a git repository\n${unreadable}`],
  [
    'source-host-key',
    `No ED25519 host key is known for git.contoso.com and you have requested strict checking.\nHost key verification failed.\n${unreadable}`,
  ],
  [
    'source-host-key',
    `@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\nHost key verification failed.\n${unreadable}`,
  ],
  ['source-copy-unusable', 'fatal: not a git repository (or any of the parent directories): .git'],
  ['source-copy-unusable', 'error: insufficient permission for adding an object to repository database ./objects'],
  ['source-copy-unusable', 'fatal: write error: No space left on device'],
  [
    'source-copy-unusable',
    "error: cannot lock ref 'refs/heads/main': Unable to create './refs/heads/main.lock': Permission denied",
  ],
  ['source-unreachable', "fatal: unable to access 'https://git.contoso.com/': The requested URL returned error: 503"],
  ['source-unreachable', 'fatal: protocol error: bad line length character: Welc'],
]

test.each(said)('%s: %s', (code, words) => {
  const problem = gitProblem(new Error(words))

  expect(problem.code).toBe(code)
  expect(problem.hint).toMatch(/\w{3}/)
})

describe('what is quoted', () => {
  test('the line that was understood, after what it means', () => {
    expect(
      gitProblem(
        new Error(
          `remote: Welcome\r\nremote: counting\rssh: connect to host git port 22: Connection refused\n${unreadable}`,
        ),
      ).message,
    ).toBe('The server of the repository took no connection. (ssh: connect to host git port 22: Connection refused)')
  })

  test('what is not understood, as it is, without progress and without a control character', () => {
    expect(
      gitProblem(
        new Error('Receiving objects: 1%\rReceiving objects: 2%\nfatal: the disk \u001b[31mis odd\nhint: try again'),
      ).message,
    ).toBe('fatal: the disk  [31mis odd')
  })

  test.each([
    'https://t0ken@git.contoso.com/x',
    'https://bot:t0ken@git.contoso.com/x',
    'https://bot:a@t0ken@git.contoso.com/x',
  ])('no login that the settings of Git put into the address: %s', (url) => {
    const { message } = gitProblem(
      new Error(`fatal: unable to access '${url}/': The requested URL returned error: 503`),
    )

    expect(message).not.toContain('t0ken')
    expect(message).toContain('https://git.contoso.com/x')
  })
})

test('whatever fails without a server failed at the copy, but for a machine without Git', () => {
  expect(copyProblem(new Error('fatal: something new'), '/var/lib/holdfast/state.db.mirror')).toMatchObject({
    code: 'source-copy-unusable',
    subject: '/var/lib/holdfast/state.db.mirror',
    message: expect.stringContaining('fatal: something new') as string,
  })
  expect(copyProblem(new Error('spawn git ENOENT'), '/x').code).toBe('git-missing')
})

test('a lock in the way is named', () => {
  const words =
    "fatal: Unable to create '/x.mirror/packed-refs.lock': File exists.\n\nAnother git process seems to be running"
  expect(lockInTheWay(new Error(words))).toBe('/x.mirror/packed-refs.lock')
  expect(lockInTheWay(new Error('fatal: other'))).toBeNull()
})
