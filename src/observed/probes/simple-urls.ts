import type { SimpleUrl } from '../../domain/facts.ts'
import { objectsOf, requiredText, textsOf, unreadable, type Answer } from '../answer.ts'
import type { Probe } from '../probe.ts'

/** The addresses of meetings, dial-in and Control Panel, of the deployment and of each site that has its own. */
export const simpleUrlsProbe: Probe<'simpleUrls'> = {
  source: 'Get-CsSimpleUrlConfiguration',
  deadlineSeconds: 120,
  atOnce: 'shell',
  subjects: ({ deployment }) => [deployment.name],
  async look(_subject, { drivers }, signal) {
    return { urls: readSimpleUrls(objectsOf(await drivers.probeShell.call('simple-urls', {}, signal))) }
  },
}

/**
 * The active URL of each component and domain ("New-CsSimpleUrl"); one without an active URL is not in use. The elements of
 * `SimpleUrl` come as text. Throws Problem `answer-unreadable` for one that does not name component and domain.
 */
export function readSimpleUrls(answers: readonly Answer[]): SimpleUrl[] {
  return answers.flatMap((answer) => {
    const scope = requiredText(answer, 'Identity')
    return textsOf(answer, 'SimpleUrl').flatMap((text) => {
      const [component, domain] = [partOf(text, 'Component'), partOf(text, 'Domain')]
      const url = partOf(text, 'ActiveUrl')
      if (!component || !domain || url === null) throw unreadable(`${JSON.stringify(text)} is not a simple URL`)
      return url === '' ? [] : [{ scope, component, domain, url }]
    })
  })
}

/** `Component=Meet;Domain=contoso.com;ActiveUrl=https://meet.contoso.com`: one part, null where it is not there. */
function partOf(text: string, name: string): string | null {
  return new RegExp(String.raw`(?:^|[;{])\s*${name}\s*=([^;}]*)`, 'i').exec(text)?.[1]?.trim() ?? null
}
