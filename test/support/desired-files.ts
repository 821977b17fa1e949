/** The smallest desired state that is valid without a warning. */
export const smallDeployment = `apiVersion: holdfast/v1
kind: Deployment
metadata: { name: contoso }
spec:
  product: lync-server-2013
  domain: contoso.com
  sipDomains: [contoso.com]
  centralManagementStore: se01-rtc
  keptElsewhere:
${['active-directory', 'certificates', 'gateways', 'network', 'exchange', 'media']
  .map((what) => `    - { what: ${what}, where: there, responsible: them, checkedOn: 2026-11-02 }\n`)
  .join('')}---
apiVersion: holdfast/v1
kind: Pool
metadata: { name: se01.contoso.com }
spec: { site: Berlin, type: standard-edition, userStore: se01-rtc, fileStore: se01-share }
---
apiVersion: holdfast/v1
kind: SqlStore
metadata: { name: se01-rtc }
spec: { host: se01.contoso.com, instance: rtc }
---
apiVersion: holdfast/v1
kind: FileStore
metadata: { name: se01-share }
spec: { path: '\\\\se01.contoso.com\\LyncShare' }
---
apiVersion: holdfast/v1
kind: BackupLocation
metadata: { name: backup01 }
spec: { host: backup01.contoso.com, share: '\\\\backup01.contoso.com\\LyncBackup' }
---
apiVersion: holdfast/v1
kind: BackupPolicy
metadata: { name: nightly }
spec: { location: backup01, schedule: { cron: 0 2 * * *, timeZone: Europe/Berlin } }
`
