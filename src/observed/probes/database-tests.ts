import type { DatabaseTest } from '../../domain/facts.ts'
import { distinct } from '../../domain/subject.ts'
import { booleanIn, objectsOf, textIn, requiredText, unreadable, type Answer } from '../answer.ts'
import type { Probe } from '../probe.ts'

export const databaseTestsProbe: Probe<'databaseTests'> = {
  source: 'Test-CsDatabase',
  deadlineSeconds: 180,
  atOnce: 'shell',
  subjects: ({ sqlStores }) => distinct(sqlStores.map(({ host }) => host)),
  async look(subject, { drivers }, signal) {
    const parameters = { ConfiguredDatabases: true, SqlServerFqdn: subject }
    const answers = objectsOf(await drivers.probeShell.call('database-tests', parameters, signal))
    return { databases: readDatabaseTests(answers) }
  },
}

/** Throws Problem `answer-unreadable` for a test without a name or a verdict. */
export function readDatabaseTests(answers: readonly Answer[]): DatabaseTest[] {
  return answers.map((answer) => {
    const succeed = booleanIn(answer, 'Succeed')
    if (succeed === null) throw unreadable('its property Succeed is neither true nor false')
    return {
      instance: textIn(answer, 'SqlInstanceName') ?? '',
      name: requiredText(answer, 'DatabaseName'),
      succeed,
      expectedVersion: textIn(answer, 'ExpectedVersion'),
      installedVersion: textIn(answer, 'InstalledVersion'),
    }
  })
}
