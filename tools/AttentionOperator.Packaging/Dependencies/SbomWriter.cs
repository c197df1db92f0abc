using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AttentionOperator.Packaging.Dependencies;

/// <summary>A bill of materials in CycloneDX's JSON, version 1.5 (https://cyclonedx.org/docs/1.5/json/). The same input gives the same bytes: it holds no time.</summary>
internal static class SbomWriter
{
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(ProjectAssets assets, string version)
    {
        var self = $"pkg:generic/{assets.Project}@{version}";
        var document = new JsonObject
        {
            ["bomFormat"] = "CycloneDX",
            ["specVersion"] = "1.5",
            ["serialNumber"] = "urn:uuid:" + Identity(assets, version),
            ["version"] = 1,
            ["metadata"] = new JsonObject
            {
                ["component"] = new JsonObject
                {
                    ["type"] = "application",
                    ["bom-ref"] = self,
                    ["name"] = assets.Project,
                    ["version"] = version,
                    ["licenses"] = new JsonArray(new JsonObject { ["license"] = new JsonObject { ["id"] = "Apache-2.0" } }),
                },
            },
            ["components"] = new JsonArray([.. assets.Packages.Select(Component)]),
            ["dependencies"] = new JsonArray(new JsonObject { ["ref"] = self, ["dependsOn"] = new JsonArray([.. assets.Packages.Select(package => (JsonNode)Purl(package))]) }),
        };
        return document.ToJsonString(Format) + "\n";
    }

    private static JsonObject Component(Package package)
    {
        var component = new JsonObject
        {
            ["type"] = "library",
            ["bom-ref"] = Purl(package),
            ["name"] = package.Id,
            ["version"] = package.Version,
            ["purl"] = Purl(package),
            ["hashes"] = new JsonArray(new JsonObject { ["alg"] = "SHA-512", ["content"] = Convert.ToHexStringLower(Convert.FromBase64String(package.Sha512)) }),
        };
        if (package.Licence is { } licence)
        {
            component["licenses"] = new JsonArray(package.IsExpression
                ? new JsonObject { ["expression"] = licence }
                : new JsonObject { ["license"] = licence.StartsWith("http", StringComparison.Ordinal) ? new JsonObject { ["name"] = "see url", ["url"] = licence } : new JsonObject { ["name"] = licence } });
        }

        return component;
    }

    private static string Purl(Package package) => $"pkg:nuget/{package.Id}@{package.Version}";

    // A UUID of version 8 (RFC 9562: free form) from what is listed, so that the same materials keep their number.
    private static Guid Identity(ProjectAssets assets, string version)
    {
        var text = string.Join('\n', assets.Packages.Select(package => Purl(package) + package.Sha512).Prepend(assets.Project + "@" + version));
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes(text))[..16];
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
