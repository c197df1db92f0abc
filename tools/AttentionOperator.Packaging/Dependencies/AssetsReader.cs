using System.Text.Json;
using System.Xml.Linq;

namespace AttentionOperator.Packaging.Dependencies;

/// <summary>Reads what <c>dotnet restore</c> resolved.</summary>
internal static class AssetsReader
{
    /// <exception cref="FileNotFoundException">The project was not restored.</exception>
    public static ProjectAssets Read(DirectoryInfo project)
    {
        var path = Path.Combine(project.FullName, "obj", "project.assets.json");
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path} does not exist; run dotnet restore first", path);
        }

        using var assets = JsonDocument.Parse(File.ReadAllBytes(path));
        var folders = assets.RootElement.GetProperty("packageFolders").EnumerateObject().Select(folder => folder.Name).ToList();
        var packages = assets.RootElement.GetProperty("libraries").EnumerateObject()
            .Where(library => library.Value.GetProperty("type").GetString() == "package")
            .Select(library => Package(library.Name, library.Value, folders))
            .OrderBy(package => package.Id, StringComparer.OrdinalIgnoreCase);
        return new ProjectAssets(assets.RootElement.GetProperty("project").GetProperty("restore").GetProperty("projectName").GetString()!, [.. packages]);
    }

    private static Package Package(string name, JsonElement library, List<string> folders)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        var id = name[..slash];
        var file = library.GetProperty("files").EnumerateArray().Select(file => file.GetString()!).First(file => file.EndsWith(".nuspec", StringComparison.OrdinalIgnoreCase));
        var nuspec = folders.Select(folder => Path.Combine(folder, library.GetProperty("path").GetString()!, file)).FirstOrDefault(File.Exists);
        var (licence, isExpression) = nuspec is null ? (null, false) : Licence(XDocument.Load(nuspec));
        return new Package(id, name[(slash + 1)..], library.GetProperty("sha512").GetString()!, licence, isExpression);
    }

    private static (string? Licence, bool IsExpression) Licence(XDocument nuspec)
    {
        XElement? Find(string name) => nuspec.Descendants().FirstOrDefault(element => element.Name.LocalName == name);
        if (Find("license") is { } licence)
        {
            return (licence.Value.Trim(), licence.Attribute("type")?.Value == "expression");
        }

        return (Find("licenseUrl")?.Value.Trim(), false);
    }
}
