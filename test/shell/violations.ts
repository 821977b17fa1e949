import { createRequire } from 'node:module'
import { Language, Parser, type Node } from 'web-tree-sitter'
import * as allowed from './syntax.ts'

await Parser.init()
const powerShell = await Language.load(
  createRequire(import.meta.url).resolve('tree-sitter-powershell/tree-sitter-powershell.wasm'),
)

/** What a script has that `syntax.ts` does not allow, each with its line. */
export function violations(script: string): string[] {
  const parser = new Parser().setLanguage(powerShell)
  const tree = parser.parse(script)
  if (!tree) return ['It cannot be parsed.']
  const root = tree.rootNode
  const found = [
    ...every(root).filter(isBroken).map(told('syntax error')),
    ...every(root)
      .filter((node) => node.isNamed && !node.isError && !allowed.nodeTypes.has(node.type))
      .map(told('syntax')),
    ...commands(root),
    ...of(root, 'type_literal')
      .filter(({ text }) => !allowed.types.includes(text))
      .map(told('type')),
    ...of(root, 'member_name')
      .filter((name) => name.namedChild(0)?.type !== 'simple_name')
      .map(told('computed member')),
    ...of(root, 'invokation_expression')
      .filter((call) => !allowed.methods.includes(methodOf(call)))
      .map(told('method')),
    ...of(root, 'flow_control_statement')
      .filter(({ text }) => !/^return\b/.test(text))
      .map(told('statement')),
    ...of(root, 'comparison_operator')
      .filter(({ text }) => !allowed.operators.includes(text.toLowerCase()))
      .map(told('operator')),
    ...variables(root),
    ...theOneCall(root),
  ]
  tree.delete()
  parser.delete()
  return found
}

function commands(root: Node): string[] {
  const own = new Set(of(root, 'function_name').map(({ text }) => text))
  return of(root, 'command').flatMap((command) => {
    const name = command.childForFieldName('command_name')
    if (name?.type !== 'command_name') return []
    if (own.has(name.text)) return []
    const parameters = Object.hasOwn(allowed.commands, name.text) ? allowed.commands[name.text] : undefined
    if (!parameters) return [told('command')(name)]
    const type = name.text === 'New-Object' ? of(command, 'generic_token')[0] : undefined
    return [
      ...(name.text === 'New-Object' && !allowed.newObjects.includes(type?.text ?? '')
        ? [told('object made')(command)]
        : []),
      ...of(command, 'command_parameter')
        .filter((parameter) => enclosing(parameter, 'command')?.id === command.id)
        .filter(({ text }) => !parameters.includes(text))
        .map(told('parameter')),
    ]
  })
}

function variables(root: Node): string[] {
  const own = new Set([
    ...of(root, 'left_assignment_expression').map(({ text }) => text),
    ...of(root, 'script_parameter').flatMap((parameter) => of(parameter, 'variable').map(({ text }) => text)),
    ...of(root, 'function_parameter_declaration').flatMap((list) => of(list, 'variable').map(({ text }) => text)),
    ...of(root, 'foreach_statement').flatMap((loop) => loop.children.filter(isVariable).map(({ text }) => text)),
  ])
  return of(root, 'variable')
    .map((variable) => ({ variable, name: variable.text.replace(/^@/, '$') }))
    .filter(({ name }) => !/^\$\w+$/.test(name) || !(own.has(name) || allowed.automaticVariables.includes(name)))
    .map(({ variable }) => told('variable')(variable))
}

function theOneCall(root: Node): string[] {
  const calls = of(root, 'command_invokation_operator').map((operator) => operator.parent?.text.trim() ?? '')
  const splats = of(root, 'variable').filter(({ text }) => text.startsWith('@'))
  return [
    ...(calls.length === 1 && calls[0] === allowed.theCall ? [] : [`calls: ${calls.join('; ')}`]),
    ...(splats.length === 1 ? [] : [`splats: ${splats.map(({ text }) => text).join('; ')}`]),
    ...Object.entries(allowed.assignments).flatMap(([name, values]) =>
      of(root, 'assignment_expression')
        .filter((assignment) => assignment.namedChild(0)?.text.toLowerCase() === name)
        .filter((assignment) => !values.includes(assignment.childForFieldName('value')?.text.trim() ?? ''))
        .map(told('assignment')),
    ),
  ]
}

function every(node: Node): Node[] {
  return [node, ...node.children.flatMap(every)]
}

function of(node: Node, type: string): Node[] {
  return node.descendantsOfType(type)
}

function enclosing(node: Node, type: string): Node | null {
  let at = node.parent
  while (at && at.type !== type) at = at.parent
  return at
}

function methodOf(call: Node): string {
  return call.children.find(({ type }) => type === 'member_name')?.text ?? ''
}

function isVariable({ type }: Node): boolean {
  return type === 'variable'
}

function isBroken(node: Node): boolean {
  return node.isError || node.isMissing
}

function told(what: string): (node: Node) => string {
  return (node) => `line ${node.startPosition.row + 1}: ${what}: ${node.text.slice(0, 80)}`
}
