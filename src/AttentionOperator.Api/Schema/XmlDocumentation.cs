using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace AttentionOperator.Api.Schema;

/// <summary>Summaries of types and members, from the XML file that the compiler writes beside an assembly.</summary>
public sealed partial class XmlDocumentation
{
    private readonly Dictionary<string, string> summaries;

    private XmlDocumentation(Dictionary<string, string> summaries) => this.summaries = summaries;

    /// <summary>Reads the file beside the assembly.</summary>
    /// <exception cref="FileNotFoundException">The assembly was built without its documentation file.</exception>
    public static XmlDocumentation Beside(Assembly assembly)
    {
        var path = Path.Combine(AppContext.BaseDirectory, assembly.GetName().Name + ".xml");
        return File.Exists(path)
            ? Parse(XDocument.Load(path))
            : throw new FileNotFoundException($"{path} does not exist; it holds the descriptions of the CRD's fields and is built with the assembly", path);
    }

    public static XmlDocumentation Parse(XDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        var summaries = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var member in document.Descendants("member"))
        {
            if (member.Attribute("name")?.Value is { } name && member.Element("summary") is { } summary)
            {
                summaries[name] = Text(summary);
            }
        }

        return new XmlDocumentation(summaries);
    }

    public string? Of(PropertyInfo property)
    {
        ArgumentNullException.ThrowIfNull(property);
        return summaries.GetValueOrDefault($"P:{property.DeclaringType!.FullName}.{property.Name}");
    }

    public string? Of(FieldInfo field)
    {
        ArgumentNullException.ThrowIfNull(field);
        return summaries.GetValueOrDefault($"F:{field.DeclaringType!.FullName}.{field.Name}");
    }

    public string? Of(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return summaries.GetValueOrDefault("T:" + type.FullName);
    }

    private static string Text(XElement element)
    {
        var text = string.Concat(element.Nodes().Select(node => node switch
        {
            XText plain => plain.Value,
            XElement { Name.LocalName: "see" } see => see.Attribute("cref")?.Value.Split('.')[^1] ?? see.Attribute("langword")?.Value ?? "",
            XElement nested => Text(nested),
            _ => "",
        }));
        return Space().Replace(text, " ").Trim();
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
