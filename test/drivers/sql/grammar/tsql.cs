#:package Microsoft.SqlServer.TransactSql.ScriptDom@180.140.0
#:property PublishAot=false
#:property InvariantGlobalization=true
#:property SatelliteResourceLanguages=en

// Reads [{ name, text }] from standard input; writes [{ name, errors: { grammar: [words] }, names }] in the same order.
// The parser is the vendor's. `names` are what the grammar itself does not judge: functions and their texts, objects,
// columns, procedures, data types, options. What a batch puts together and executes is read as a batch of its own.
using System.Text.Json;
using Microsoft.SqlServer.TransactSql.ScriptDom;

var options = new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };
var asked = JsonSerializer.Deserialize<Batch[]>(Console.In.ReadToEnd(), options)!;
Console.Out.Write(JsonSerializer.Serialize(asked.Select(Read).ToArray(), options));

static object Read(Batch batch)
{
    var names = new SortedSet<string>(StringComparer.Ordinal);
    var errors = Grammars.All.ToDictionary(one => one.Key, one => Parse(one.Value(), batch.Text, names));
    return new { batch.Name, errors, names };
}

static List<string> Parse(TSqlParser parser, string text, ISet<string> names)
{
    var tree = parser.Parse(new StringReader(text), out var found);
    var errors = found.Select(error => $"line {error.Line}: {error.Message} ({error.Number})").ToList();
    if (errors.Count > 0) return errors;
    var reader = new Names(names);
    tree.Accept(reader);
    return [.. reader.Made.SelectMany(made => made == null
        ? ["a text is executed that cannot be followed"]
        : Parse(parser, made, names).Select(error => $"in what it executes, {error}"))];
}

record Batch(string Name, string Text);

static class Grammars
{
    /// Every grammar of the package from SQL Server 2008 (100) on, newer ones too.
    public static readonly Dictionary<string, Func<TSqlParser>> All = typeof(TSqlParser).Assembly.GetTypes()
        .Where(type => type.IsSubclassOf(typeof(TSqlParser)) && type.Name.StartsWith("TSql") && type.Name.EndsWith("Parser"))
        .Select(type => (type, number: int.TryParse(type.Name[4..^6], out var number) ? number : 0))
        .Where(one => one.number >= 100)
        .OrderBy(one => one.number)
        .ToDictionary(
            one => one.number.ToString(),
            one => (Func<TSqlParser>)(() => (TSqlParser)Activator.CreateInstance(one.type, [true])!));
}

class Names(ISet<string> found) : TSqlFragmentVisitor
{
    private readonly Stack<Dictionary<string, string>> scopes = new();
    private readonly Dictionary<string, string?> variables = new(StringComparer.OrdinalIgnoreCase);

    /// Texts that are executed; null where one depends on what is not known here.
    public List<string?> Made { get; } = [];

    public override void ExplicitVisit(QuerySpecification node)
    {
        var tables = new Tables();
        node.FromClause?.Accept(tables);
        scopes.Push(tables.ByAlias);
        base.ExplicitVisit(node);
        scopes.Pop();
    }

    public override void Visit(NamedTableReference node) => found.Add($"object {NameOf(node.SchemaObject)}");

    public override void Visit(SchemaObjectFunctionTableReference node) => found.Add($"object {NameOf(node.SchemaObject)}");

    public override void Visit(SelectStarExpression node) => found.Add("column *");

    public override void Visit(ColumnReferenceExpression node)
    {
        if (node.MultiPartIdentifier == null) return; // COUNT(*)
        var parts = node.MultiPartIdentifier.Identifiers.Select(part => part.Value.ToLowerInvariant()).ToArray();
        var table = parts.Length == 2
            ? scopes.Select(scope => scope.GetValueOrDefault(parts[0])).FirstOrDefault(name => name != null)
            : scopes.TryPeek(out var only) && only.Count == 1 && parts.Length == 1 ? only.Values.Single() : null;
        found.Add(table == null ? $"column of an unknown table {string.Join('.', parts)}" : $"column {table}.{parts[^1]}");
    }

    public override void Visit(FunctionCall node)
    {
        var name = node.FunctionName.Value.ToUpperInvariant();
        found.Add($"function {name}");
        foreach (var literal in node.Parameters.OfType<Literal>().Where(one => one is StringLiteral or IdentifierLiteral))
            found.Add($"argument {name} {literal.Value}");
    }

    public override void Visit(GlobalVariableExpression node) => found.Add($"function {node.Name.ToUpperInvariant()}");

    public override void Visit(SqlDataTypeReference node) => found.Add($"type {node.SqlDataTypeOption.ToString().ToLowerInvariant()}");

    public override void Visit(UserDataTypeReference node) => found.Add($"type {NameOf(node.Name)}");

    public override void Visit(BackupOption node) => found.Add($"option BACKUP {node.OptionKind}");

    public override void Visit(RestoreStatement node) => found.Add($"option RESTORE {node.Kind}");

    public override void Visit(RestoreOption node) => found.Add($"option RESTORE {node.OptionKind}");

    public override void Visit(DeviceInfo node) => found.Add($"option device {node.DeviceType}");

    public override void Visit(DbccStatement node) => found.Add($"option DBCC {node.Command}");

    public override void Visit(DbccOption node) => found.Add($"option DBCC {node.OptionKind}");

    public override void Visit(TableHint node) => found.Add($"option hint {node.HintKind}");

    public override void Visit(OptimizerHint node) => found.Add($"option hint {node.HintKind}");

    public override void Visit(PredicateSetStatement node) => found.Add($"option SET {node.Options}");

    public override void Visit(Permission node) =>
        found.Add($"permission {string.Join(' ', node.Identifiers.Select(part => part.Value.ToUpperInvariant()))}");

    public override void Visit(DeclareVariableElement node) =>
        variables[node.VariableName.Value] = node.Value == null ? null : TextOf(node.Value);

    public override void Visit(SetVariableStatement node) => variables[node.Variable.Name] = null;

    public override void Visit(SelectSetVariable node) => variables[node.Variable.Name] = null;

    public override void Visit(ExecutableProcedureReference node)
    {
        var name = node.ProcedureReference.ProcedureReference == null
            ? "of a variable"
            : NameOf(node.ProcedureReference.ProcedureReference.Name);
        found.Add($"procedure {name}");
        if (name.EndsWith("sp_executesql")) Made.Add(node.Parameters.Count == 0 ? null : TextOf(node.Parameters[0].ParameterValue));
    }

    public override void Visit(ExecutableStringList node)
    {
        var texts = node.Strings.Select(TextOf).ToArray();
        Made.Add(texts.Contains(null) ? null : string.Concat(texts));
    }

    /// What an expression is as text; a value counts only where QUOTENAME makes a name of it.
    private string? TextOf(ScalarExpression? expression) => expression switch
    {
        StringLiteral literal => literal.Value,
        ParenthesisExpression inner => TextOf(inner.Expression),
        VariableReference variable => variables.GetValueOrDefault(variable.Name),
        FunctionCall { FunctionName.Value: var name } when name.Equals("QUOTENAME", StringComparison.OrdinalIgnoreCase) => "[any]",
        BinaryExpression { BinaryExpressionType: BinaryExpressionType.Add } sum =>
            TextOf(sum.FirstExpression) is { } first && TextOf(sum.SecondExpression) is { } second ? first + second : null,
        _ => null,
    };

    public static string NameOf(SchemaObjectName name) =>
        string.Join('.', name.Identifiers.Select(part => part.Value.ToLowerInvariant()));
}

/// The tables of one FROM, without those of queries inside of it: alias, or last name -> full name.
class Tables : TSqlFragmentVisitor
{
    public Dictionary<string, string> ByAlias { get; } = [];

    public override void ExplicitVisit(QuerySpecification node) { }

    public override void Visit(NamedTableReference node) =>
        ByAlias[(node.Alias ?? node.SchemaObject.BaseIdentifier).Value.ToLowerInvariant()] = Names.NameOf(node.SchemaObject);
}
