import { describe, expect, test } from 'vitest'
import { Problem } from '../../../src/base/problem.ts'
import { isCancelled, isUnreachable, sqlProblem } from '../../../src/drivers/sql/errors.ts'

const subject = 'sql01.contoso.com\\rtc'

/** As the library hands over errors of the engine: the last one, with those before it inside. */
function engine(...errors: [number, string][]): Error {
  const [last, ...before] = errors
    .map(([number, message]) => Object.assign(new Error(message), { code: 'EREQUEST', number }))
    .reverse()
  return Object.assign(last ?? new Error('none'), { precedingErrors: before.reverse() })
}

/** As the library hands over what went wrong on the way. */
function socket(code: string, message: string): Error {
  const cause = Object.assign(new Error(message), { code })
  const wrapped = Object.assign(new Error(`Failed to connect - ${message}`, { cause }), { code: 'ESOCKET' })
  return Object.assign(new Error(wrapped.message), { code: 'ESOCKET', originalError: wrapped })
}

describe('errors of the engine', () => {
  test.each([
    [18456, 'sql-login-failed'],
    [18452, 'sql-login-untrusted-domain'],
    [15404, 'sql-domain-unreachable'],
    [4060, 'sql-database-unavailable'],
    [911, 'sql-database-missing'],
    [916, 'sql-permission'],
    [229, 'sql-permission'],
    [262, 'sql-permission'],
    [300, 'sql-permission'],
    [927, 'sql-database-unavailable'],
    [942, 'sql-database-unavailable'],
    [954, 'sql-not-principal'],
    [3059, 'sql-not-principal'],
    [3271, 'sql-device-failed'],
    [3268, 'sql-device-failed'],
    [4064, 'sql-database-unavailable'],
    [17806, 'sql-login-untrusted-domain'],
    [17809, 'sql-not-ready'],
    [596, 'sql-connection-lost'],
    [3257, 'sql-server-full'],
    [3043, 'sql-consistency-errors'],
    [824, 'sql-consistency-errors'],
    [8939, 'sql-consistency-errors'],
    [8921, 'sql-failed'],
    [3187, 'sql-backup-damaged'],
    [1205, 'sql-deadlock'],
    [9002, 'sql-server-full'],
    [1844, 'sql-edition'],
    [3417, 'sql-not-ready'],
    [3241, 'sql-backup-damaged'],
    [3189, 'sql-backup-damaged'],
    [3169, 'sql-newer-version'],
    [3013, 'sql-backup-failed'],
    [3041, 'sql-backup-failed'],
    [50000, 'sql-failed'],
  ])('%d is %s', (number, code) => {
    const problem = sqlProblem(engine([number, 'words']), subject)
    expect(problem.code).toBe(code)
    expect(problem.subject).toBe(subject)
    expect(problem.message).toBe(`SQL Server error ${number}: words`)
    expect(problem.hint).not.toBe('')
  })

  test.each([
    [5, 'Access is denied.', 'sql-path-denied'],
    [1326, 'The user name or password is incorrect.', 'sql-path-denied'],
    [3, 'The system cannot find the path specified.', 'sql-path-missing'],
    [53, 'The network path was not found.', 'sql-path-missing'],
    [67, 'The network name cannot be found.', 'sql-path-missing'],
    [112, 'There is not enough space on the disk.', 'sql-share-full'],
    [1231, 'The network location cannot be reached.', 'sql-path-missing'],
    [1909, 'The referenced account is currently locked out.', 'sql-path-denied'],
    [64, 'The specified network name is no longer available.', 'sql-device-failed'],
    [32, 'The process cannot access the file.', 'sql-device-failed'],
  ])('a device that cannot be opened: operating system error %d (%s)', (number, words, code) => {
    const path = '\\\\backup01.contoso.com\\LyncBackup\\LcsCDR.bak'
    const open = `Cannot open backup device '${path}'. Operating system error ${number}(${words}).`
    const thrown = engine([3201, open], [3013, 'BACKUP DATABASE is terminating abnormally.'])
    const problem = sqlProblem(thrown, subject)
    expect(problem.code).toBe(code)
    expect(problem.message).toContain(words)
  })

  test.each([
    [3202, 'Write on "\\\\b\\x.bak" failed: 112(There is not enough space on the disk.)', 'sql-share-full'],
    [3271, 'A nonrecoverable I/O error occurred on file "x.bak:" 112(There is not enough space.).', 'sql-share-full'],
    [3203, 'Read on "x.bak" failed: 38(Reached the end of the file.)', 'sql-backup-damaged'],
    [3203, 'Read on "x.bak" failed: 1117(The request could not be performed.)', 'sql-device-failed'],
    [
      5133,
      'Directory lookup for the file "D:\\T\\1.mdf" failed with the operating system error 3(x.).',
      'sql-path-missing',
    ],
    [
      5120,
      'Unable to open the physical file "D:\\1.mdf". Operating system error 5: "5(Access is denied.)".',
      'sql-path-denied',
    ],
    [3634, "The operating system returned the error '5(Access is denied.)' while attempting 'x'.", 'sql-path-denied'],
  ])('%d: %s', (number, message, code) => {
    expect(sqlProblem(engine([number, message], [3013, 'terminating abnormally']), subject).code).toBe(code)
  })

  test('a device error reads the same in German', () => {
    const text =
      'Das Sicherungsmedium "\\\\b(1)\\x.bak" kann nicht geöffnet werden. Betriebssystemfehler 5(Zugriff verweigert).'
    expect(sqlProblem(engine([3201, text]), subject).code).toBe('sql-path-denied')
  })

  test('several logins errors at once are one', () => {
    const refusals = new AggregateError([
      Object.assign(new Error('Cannot open database "x".'), { number: 4060 }),
      Object.assign(new Error("Login failed for user 'x'."), { number: 18456 }),
    ])
    expect(sqlProblem(refusals, subject).code).toBe('sql-database-unavailable')
  })

  test('an unknown number is told as it is', () => {
    const plain = new Error("Incorrect syntax near 'x'.")
    const thrown = Object.assign(engine([102, "Incorrect syntax near 'x'."]), { originalError: plain })
    const problem = sqlProblem(thrown, subject)
    expect(problem.code).toBe('sql-failed')
    expect(problem.message).toBe("SQL Server error 102: Incorrect syntax near 'x'.")
  })
})

describe('errors on the way', () => {
  test.each([
    ['ENOTFOUND', 'sql-name-not-found'],
    ['EAI_AGAIN', 'sql-name-not-found'],
    ['ECONNREFUSED', 'sql-refused'],
    ['ETIMEDOUT', 'sql-timeout'],
    ['EHOSTUNREACH', 'sql-unreachable'],
    ['ECONNRESET', 'sql-connection-lost'],
    ['EPROTO', 'sql-tls-version'],
    ['ERR_SSL_UNSUPPORTED_PROTOCOL', 'sql-tls-version'],
    ['ERR_SSL_SOMETHING_NEW', 'sql-tls-version'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'sql-certificate-not-trusted'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'sql-certificate-not-trusted'],
    ['CERT_SIGNATURE_FAILURE', 'sql-certificate-not-trusted'],
    ['CERT_HAS_EXPIRED', 'sql-certificate-expired'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'sql-certificate-name'],
  ])('%s is %s, whatever it is wrapped in', (code, expected) => {
    expect(sqlProblem(socket(code, 'words'), subject).code).toBe(expected)
  })

  test.each([
    ['ETIMEOUT', 'sql-timeout'],
    ['EENCRYPT', 'sql-encryption'],
    ['ELOGIN', 'sql-login-failed'],
    ['ENOTOPEN', 'sql-connection-lost'],
    ['EINVALIDSTATE', 'sql-connection-lost'],
  ])('%s of the library is %s', (code, expected) => {
    expect(sqlProblem(Object.assign(new Error('words'), { code }), subject).code).toBe(expected)
  })

  test('several addresses that all refuse are one refusal', () => {
    const each = ['127.0.0.1', '::1'].map((address) =>
      Object.assign(new Error(`connect ECONNREFUSED ${address}`), { code: 'ECONNREFUSED' }),
    )
    expect(sqlProblem(new AggregateError(each), subject).code).toBe('sql-refused')
  })

  test('which of them may pass by themselves', () => {
    expect(isUnreachable(sqlProblem(socket('ECONNREFUSED', ''), subject))).toBe(true)
    expect(isUnreachable(sqlProblem(socket('ECONNRESET', ''), subject))).toBe(true)
    expect(isUnreachable(sqlProblem(engine([18456, '']), subject))).toBe(false)
    expect(isUnreachable(new Error('x'))).toBe(false)
  })
})

describe('what is no error of SQL Server', () => {
  test('a Problem stays what it is', () => {
    const problem = new Problem('interrupted', { message: 'Stopped.' })
    expect(sqlProblem(problem, subject)).toBe(problem)
  })

  test.each([undefined, null, 'text', 42, new Error('odd'), { code: 'ECONNREFUSED' }])('%s', (thrown) => {
    expect(sqlProblem(thrown, subject).code).toBe('sql-failed')
  })

  test('a chain of causes that bites its own tail', () => {
    const error = new Error('round and round')
    error.cause = error
    expect(sqlProblem(error, subject).code).toBe('sql-failed')
  })

  test('a cancelled request is known by its code', () => {
    expect(isCancelled(Object.assign(new Error('Canceled.'), { code: 'ECANCEL' }))).toBe(true)
    expect(isCancelled(new Error('Canceled.'))).toBe(false)
  })
})
