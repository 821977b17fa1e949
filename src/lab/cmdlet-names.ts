/** The cmdlets that the lab's Management Shell knows; which of them a product lacks stands in `cmdlets.ts`. */
export const cmdletNames = [
  'Export-CsConfiguration',
  'Export-CsLisConfiguration',
  'Export-CsUserData',
  'Export-CsRgsConfiguration',
  'Export-CsPersistentChatData',
  'Get-CsCpsConfiguration',
  'Get-CsTopology',
] as const
export type CmdletName = (typeof cmdletNames)[number]
