/** Where Active Directory says that the Central Management store is, as mirrors come and go. */
import { cmdlet } from '../cmdlet-text.ts'
import { partnersOf } from '../endpoints.ts'
import { sameSubject, sqlSubject } from '../subject.ts'
import { centralStore, ofCentralStore, restoring } from './central-management.ts'
import { listed, sqlServer, storeOf, survivingPlace } from './context.ts'
import type { RowRule } from './row.ts'

/** Once there is a mirror of the store: Active Directory knows both partners. */
export const directoryAtMirror: RowRule = {
  id: 'point-directory-at-mirror',
  actor: 'operator',
  late: true,
  minutes: 5,
  in: restoring,
  of: (context) => {
    const store = centralStore(context)
    if (store?.highAvailability.kind !== 'mirror') return []
    const isHalved = context.loss.mirrors.some((one) => one.store.name === store.name)
    return isHalved ? [sqlSubject(store)] : ofCentralStore(context)
  },
  needs: ['=create-mirror'],
  title: (store) => `Tell Active Directory the mirror of ${store}`,
  why: 'Servers look for the store there when the principal fails.',
  command: (subject, context) => {
    const store = storeOf(context, subject)
    const halved = context.loss.mirrors.find((one) => one.store.name === store.name)
    const principal = halved ? survivingPlace(halved) : store
    const mirror = partnersOf(store).find(({ host }) => !sameSubject(host, principal.host))
    return cmdlet('Set-CsConfigurationStoreLocation', {
      ...{ ...sqlServer(principal), ...(mirror ? sqlServer(mirror, 'MirrorSql') : {}), Verbose: true },
    })
  },
  proves: 'Get-CsConfigurationStoreLocation names both.',
  source: 'Set-CsConfigurationStoreLocation',
}

/** The store survives at its mirror and became principal there. */
export const directoryAtSurvivor: RowRule = {
  id: 'point-directory-at-survivor',
  actor: 'operator',
  minutes: 5,
  in: ['find-principal/principal-lost'],
  of: ({ loss, desired }) =>
    loss.mirrors
      .filter(({ store }) => store.highAvailability.kind === 'mirror')
      .filter(({ store }) => store.name === desired.deployment.centralManagementStore?.name)
      .map(({ store }) => sqlSubject(store)),
  needs: ['=fail-over-mirror'],
  title: (store, { loss }) => {
    const survivor = loss.mirrors.find((one) => sameSubject(sqlSubject(one.store), store))?.survivor ?? store
    return `Point Active Directory at ${listed([survivor])}, which holds the Central Management store now`
  },
  why: 'The survivor is the store now.',
  command: (subject, { loss }) => {
    const found = loss.mirrors.find((one) => sameSubject(sqlSubject(one.store), subject))
    return found
      ? cmdlet('Set-CsConfigurationStoreLocation', { ...sqlServer(survivingPlace(found)), Verbose: true })
      : ''
  },
  proves: 'Get-CsConfigurationStoreLocation names it.',
  source: 'Set-CsConfigurationStoreLocation',
}
