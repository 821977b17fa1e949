import type { ServiceFacts } from '../../domain/facts.ts'
import { servicedHosts } from '../../domain/endpoints.ts'
import { objectsOf, requiredText, type Answer } from '../answer.ts'
import type { Probe } from '../probe.ts'

export const servicesProbe: Probe<'services'> = {
  source: 'Get-CsWindowsService',
  deadlineSeconds: 90,
  atOnce: 'shell',
  subjects: servicedHosts,
  async look(subject, { drivers }, signal) {
    const parameters = { ComputerName: subject, ExcludeActivityLevel: true }
    return { services: readServices(objectsOf(await drivers.probeShell.call('services', parameters, signal))) }
  },
}

/** Sorted by name. Throws Problem `answer-unreadable` for a service without name or status. */
export function readServices(answers: readonly Answer[]): ServiceFacts[] {
  return answers
    .map((answer) => ({ name: requiredText(answer, 'Name'), status: requiredText(answer, 'Status') }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}
