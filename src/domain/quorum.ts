/**
 * Which members of a Front End pool have a vote, and how many of them must run ("Topologies and components for Front
 * End Servers"; domain reference, section 8.4). Null: no such pool exists.
 */
export function quorumOf(members: number): { voters: number; needed: number } | null {
  if (members < 1 || members > 12) return null
  const voters = members > 9 ? 9 : Math.min(members, 7)
  return { voters, needed: Math.ceil(voters / 2) }
}
