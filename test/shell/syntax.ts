/** What may stand in the shell host's script, judged by its syntax tree. An allow-list: whatever is not named is refused. */

/** Commands with their parameters; the script's own functions come on top. */
export const commands: Readonly<Record<string, readonly string[]>> = {
  'Set-StrictMode': ['-Version'],
  'Remove-TypeData': ['-TypeName', '-ErrorAction'],
  'New-Object': [],
  'ConvertTo-Json': ['-InputObject', '-Depth', '-Compress'],
  'ConvertFrom-Json': [],
  'ForEach-Object': [],
  'Where-Object': [],
  'Split-Path': ['-Parent'],
  'Join-Path': [],
  'Get-Module': ['-ListAvailable', '-Name'],
  'Import-Module': ['-WarningAction', '-ErrorAction'],
  'Get-Culture': [],
}

/** What New-Object may make. */
export const newObjects: readonly string[] = [
  'System.Text.UTF8Encoding',
  'System.IO.StreamReader',
  'System.Collections.Hashtable',
  'System.Security.Cryptography.SHA256CryptoServiceProvider',
]

export const types: readonly string[] = [
  '[Console]',
  '[IO.TextWriter]',
  '[string]',
  '[bool]',
  '[enum]',
  '[datetime]',
  '[Globalization.CultureInfo]',
  '[ValueType]',
  '[char]',
  '[int]',
  '[double]',
  '[System.Collections.IDictionary]',
  '[System.Collections.IEnumerable]',
  '[System.Xml.XmlNode]',
  '[System.Management.Automation.PSCustomObject]',
  '[System.Management.Automation.ErrorRecord]',
  '[System.Management.Automation.WarningRecord]',
  '[IO.File]',
  '[BitConverter]',
]

export const methods: readonly string[] = [
  'OpenStandardInput',
  'OpenStandardOutput',
  'SetOut',
  'GetBytes',
  'Write',
  'Flush',
  'GetEnumerator',
  'IsNaN',
  'IsInfinity',
  'StartsWith',
  'ReadLine',
  'ReadAllText',
  'ReadAllBytes',
  'ComputeHash',
  'ToString',
  'ToUniversalTime',
  'GetType',
  'Replace',
  'ToLowerInvariant',
  'Trim',
]

/** Automatic variables that the script may read; all others must be its own. `$input` is none of them. */
export const automaticVariables: readonly string[] = [
  '$_',
  '$null',
  '$true',
  '$false',
  '$PID',
  '$PSVersionTable',
  '$MyInvocation',
]

export const operators: readonly string[] = ['-eq', '-ne', '-is', '-isnot', '-lt', '-and', '-or', '-not', ',', '=']

/** Kinds of node of the grammar: statements, expressions and literals of Windows PowerShell 3.0. */
export const nodeTypes: ReadonlySet<string> = new Set(
  (
    'program comment statement_list empty_statement pipeline pipeline_chain command command_name command_elements ' +
    'command_argument_sep command_parameter command_invokation_operator command_name_expr path_command_name ' +
    'path_command_name_token redirection merging_redirection_operator generic_token array_literal_expression ' +
    'unary_expression expression_with_unary_operator logical_expression bitwise_expression comparison_expression ' +
    'comparison_operator additive_expression multiplicative_expression format_expression range_expression ' +
    'cast_expression parenthesized_expression sub_expression array_expression hash_literal_expression ' +
    'hash_literal_body hash_entry key_expression assignment_expression left_assignment_expression ' +
    'assignement_operator variable integer_literal decimal_integer_literal string_literal ' +
    'verbatim_string_characters expandable_string_literal type_literal type_spec type_name type_identifier ' +
    'member_access member_name simple_name element_access invokation_expression argument_list ' +
    'argument_expression_list argument_expression logical_argument_expression bitwise_argument_expression ' +
    'comparison_argument_expression additive_argument_expression multiplicative_argument_expression ' +
    'format_argument_expression range_argument_expression function_statement function_name ' +
    'function_parameter_declaration parameter_list script_parameter attribute_list attribute script_block ' +
    'script_block_body script_block_expression statement_block if_statement elseif_clauses elseif_clause else_clause ' +
    'foreach_statement while_statement while_condition try_statement catch_clauses catch_clause flow_control_statement'
  ).split(' '),
)

/** The one call: a name of the table, with the checked parameters, errors and warnings into the pipeline. */
export const theCall = '& $entry.Value.cmdlet @arguments 2>&1 3>&1'
/** Where its two variables come from; nothing else is ever assigned to them. */
export const assignments: Readonly<Record<string, readonly string[]>> = {
  $entry: ['$table.calls.PSObject.Properties[$request.call]'],
  $arguments: [
    '@{}',
    'Get-Arguments $entry $request',
    "'The request is not an object with id, call and parameters.'",
    '"The request cannot be read: $_"',
  ],
  $table: ["[IO.File]::ReadAllText((Join-Path $here 'calls.json'), $utf8) | ConvertFrom-Json"],
  $here: ['Split-Path -Parent $MyInvocation.MyCommand.Path'],
}
