import { expect, test } from 'vitest'
import { gitUrlFault, localRepository, resolveGitUrl } from '../../src/config/git-url.ts'

test.each([
  ['/srv/lync-backup.git', '/srv/lync-backup.git'],
  ['repository', '/etc/holdfast/repository'],
  ['../r:1', '/etc/r:1'],
  ['C:\\Lync\\backup.git', 'C:\\Lync\\backup.git'],
  ['file:///srv/lync%20backup.git', 'file:///srv/lync%20backup.git'],
  ['https://git.contoso.com/x.git', 'https://git.contoso.com/x.git'],
  ['ssh://git@git.contoso.com:2222/x.git', 'ssh://git@git.contoso.com:2222/x.git'],
  ['git@git.contoso.com:team/x.git', 'git@git.contoso.com:team/x.git'],
  ['https://git_1.contoso.com:8443/~team/x%40y.git', 'https://git_1.contoso.com:8443/~team/x%40y.git'],
  ['https://[2001:db8::1]:8443/x.git', 'https://[2001:db8::1]:8443/x.git'],
  ['ssh://git.contoso.com/x@y.git', 'ssh://git.contoso.com/x@y.git'],
  ['git@ssh.dev.azure.com:v3/contoso/lync/x', 'git@ssh.dev.azure.com:v3/contoso/lync/x'],
])('%s is an address', (url, resolved) => {
  expect(gitUrlFault(url)).toBeNull()
  expect(resolveGitUrl(url, '/etc/holdfast')).toBe(resolved)
})

test.each([
  '-x',
  '--upload-pack=id',
  'http://git.contoso.com/x',
  'git://git.contoso.com/x',
  'ext::sh -c id',
  'fd::7',
  'file://host/x',
  'git@-oProxyCommand=id:x',
  'ssh://a@-b/x',
  'https://-b/x',
  'a@b:-x',
  'x\ny',
  'https://git.contoso.com:secret/x',
  'https://git contoso/x',
  'ssh://a:b@git.contoso.com/x',
])('%s is none', (url) => {
  expect(gitUrlFault(url)).not.toBeNull()
})

test('which repositories are on this machine', () => {
  expect(localRepository('/srv/x.git')).toBe('/srv/x.git')
  expect(localRepository('file:///srv/x%20y.git')).toBe('/srv/x y.git')
  expect(localRepository('git@git.contoso.com:x')).toBeNull()
  expect(localRepository('https://git.contoso.com/x')).toBeNull()
})
