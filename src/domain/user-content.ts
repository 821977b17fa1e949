/** What is known of one user: the address, and what an export of user data holds under it. */

/** SIP addresses, of the characters that a user part and an FQDN may have (RFC 3261, section 25.1). */
const address = /^[a-z0-9_.!~*'&=+$,?/-]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+$/

/** The SIP address as exports and `-UserFilter` write it: without `sip:`, in lower case. Null: it is none. */
export function userAddress(text: string): string | null {
  const plain = text.trim().toLowerCase().replace(/^sip:/, '')
  return address.test(plain) ? plain : null
}

/** Kinds of things that `Update-CsUserData` brings back of a user. */
const userThings = ['contacts', 'conferences'] as const
type UserThing = (typeof userThings)[number]

/** What each contact and each conference of a user is known by, each once, in order. */
export type UserContent = Readonly<Record<UserThing, readonly string[]>>

/** How many there are of each. */
export function countThings(content: UserContent): Record<UserThing, number> {
  return { contacts: content.contacts.length, conferences: content.conferences.length }
}

/** What `wanted` has and `there` lacks. */
export function lacking(wanted: UserContent, there: UserContent): UserContent {
  const left = (thing: UserThing): string[] => {
    const known = new Set(there[thing])
    return wanted[thing].filter((one) => !known.has(one))
  }
  return { contacts: left('contacts'), conferences: left('conferences') }
}

/** `3 contacts and 1 conference` */
export function thingsInWords(content: UserContent): string {
  return userThings
    .map((thing) => {
      const { length } = content[thing]
      return `${length} ${length === 1 ? thing.slice(0, -1) : thing}`
    })
    .join(' and ')
}
