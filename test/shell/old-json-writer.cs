// The JSON writer of Windows PowerShell 3.0 to 5.1, so that the script meets it in a later engine. Written from what is
// published: the source of ConvertTo-Json as it was before PowerShell 6 wrote JSON by another library (ProcessValue,
// AddPsProperties), and the reference source of .NET Framework (JavaScriptSerializer, HttpUtility.JavaScriptStringEncode).
using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Reflection;
using System.Text;

public static class OldJsonWriter
{
    /// <summary>What ConvertTo-Json -Compress writes there.</summary>
    public static string Write(object value, int depth)
    {
        var text = new StringBuilder();
        Serialize(Plain(value, 0, depth), text);
        return text.ToString();
    }

    // The cmdlet: values are taken apart as far as the depth goes; the notes of each come on top.
    static object Plain(object value, int level, int depth)
    {
        var wrapped = value as PSObject;
        bool isCustom = false, isPure = false;
        object bare = wrapped == null ? value : wrapped.BaseObject;
        object plain = bare;
        if (bare == null || bare is DBNull || bare is string || bare is char || bare is bool || bare is DateTime ||
            bare is DateTimeOffset || bare is Guid || bare is Uri || bare is double || bare is float || bare is decimal ||
            bare.GetType().IsPrimitive)
            plain = bare;
        else if (bare.GetType().IsEnum)
        {
            Type under = Enum.GetUnderlyingType(bare.GetType());
            plain = under == typeof(long) || under == typeof(ulong) ? bare.ToString() : bare;
        }
        else if (level > depth)
        {
            isPure = bare is PSCustomObject;
            plain = LanguagePrimitives.ConvertTo(isPure ? wrapped : bare, typeof(string), CultureInfo.InvariantCulture);
        }
        else if (bare is IDictionary table) plain = Table(table, level, depth);
        else if (bare is IEnumerable list)
            plain = list.Cast<object>().Select(one => Plain(one, level + 1, depth)).ToList();
        else
        {
            isCustom = true;
            plain = bare is PSCustomObject ? new Dictionary<string, object>() : Members(bare, level, depth);
        }
        return wrapped == null || isPure ? plain : WithNotes(wrapped, plain, isCustom, level, depth);
    }

    static object Table(IDictionary table, int level, int depth)
    {
        var result = new Dictionary<string, object>();
        foreach (DictionaryEntry entry in table)
        {
            if (entry.Key is not string name)
                throw new ArgumentException("The type '" + table.GetType().FullName +
                    "' is not supported for serialization or deserialization of a dictionary. Keys must be strings.");
            result.Add(name, Plain(entry.Value, level + 1, depth));
        }
        return result;
    }

    static object Members(object value, int level, int depth)
    {
        var result = new Dictionary<string, object>();
        const BindingFlags open = BindingFlags.Public | BindingFlags.Instance;
        foreach (FieldInfo field in value.GetType().GetFields(open))
            result[field.Name] = Plain(field.GetValue(value), level + 1, depth);
        foreach (PropertyInfo property in value.GetType().GetProperties(open))
        {
            if (property.GetGetMethod() == null || property.GetIndexParameters().Length > 0) continue;
            object content = null;
            try { content = property.GetValue(value); } catch (Exception) { }
            result[property.Name] = Plain(content, level + 1, depth);
        }
        return result;
    }

    // A text, a number or a list with notes becomes a table of them, with itself as "value".
    static object WithNotes(PSObject wrapped, object plain, bool isCustom, int level, int depth)
    {
        var table = plain as Dictionary<string, object>;
        var receiver = table ?? new Dictionary<string, object> { { "value", plain } };
        foreach (PSPropertyInfo property in wrapped.Properties)
        {
            bool isExtended = property.MemberType != PSMemberTypes.Property;
            if (!isExtended && !isCustom || receiver.ContainsKey(property.Name)) continue;
            object content = null;
            try { content = property.Value; } catch (Exception) { }
            receiver[property.Name] = Plain(content, level + 1, depth);
        }
        return table == null && receiver.Count == 1 ? plain : receiver;
    }

    // The serializer.
    static void Serialize(object value, StringBuilder text)
    {
        switch (value)
        {
            case null or DBNull: text.Append("null"); break;
            case string content: Quote(content, text); break;
            case '\0': text.Append("null"); break;
            case char content: Quote(content.ToString(), text); break;
            case bool content: text.Append(content ? "true" : "false"); break;
            case DateTime content: Date(content, text); break;
            case DateTimeOffset content: Date(content.UtcDateTime, text); break;
            case Guid content: text.Append('"').Append(content).Append('"'); break;
            case Uri content: text.Append('"').Append(content.GetComponents(UriComponents.SerializationInfoString, UriFormat.UriEscaped)).Append('"'); break;
            case double content: text.Append(content.ToString("r", Number)); break;
            case float content: text.Append(content.ToString("r", Number)); break;
            case Enum content: text.Append(content.ToString("D")); break;
            case IDictionary content: Join('{', content.Keys, '}', text, key => { Quote((string)key, text); text.Append(':'); Serialize(content[key], text); }); break;
            case IEnumerable content: Join('[', content, ']', text, one => Serialize(one, text)); break;
            default:
                if (!value.GetType().IsPrimitive && value is not decimal) throw new InvalidOperationException("left over: " + value.GetType());
                text.Append(value is IConvertible number ? number.ToString(CultureInfo.InvariantCulture) : "{}");
                break;
        }
    }

    static readonly NumberFormatInfo Number = CultureInfo.InvariantCulture.NumberFormat;

    static void Date(DateTime time, StringBuilder text)
    {
        var since = new DateTime(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        text.Append("\"\\/Date(").Append((time.ToUniversalTime().Ticks - since.Ticks) / 10000).Append(")\\/\"");
    }

    static void Join(char first, IEnumerable values, char last, StringBuilder text, Action<object> write)
    {
        bool isFirst = true;
        text.Append(first);
        foreach (object value in values)
        {
            if (!isFirst) text.Append(',');
            isFirst = false;
            write(value);
        }
        text.Append(last);
    }

    static void Quote(string content, StringBuilder text)
    {
        text.Append('"');
        foreach (char one in content)
            switch (one)
            {
                case '\r': text.Append("\\r"); break;
                case '\t': text.Append("\\t"); break;
                case '"': text.Append("\\\""); break;
                case '\\': text.Append("\\\\"); break;
                case '\n': text.Append("\\n"); break;
                case '\b': text.Append("\\b"); break;
                case '\f': text.Append("\\f"); break;
                default:
                    bool isEscaped = one < ' ' || one == '\'' || one == '<' || one == '>' || one == '&' || one == '\u0085' || one == '\u2028' || one == '\u2029';
                    if (isEscaped) text.Append("\\u").Append(((int)one).ToString("x4", CultureInfo.InvariantCulture));
                    else text.Append(one);
                    break;
            }
        text.Append('"');
    }
}
