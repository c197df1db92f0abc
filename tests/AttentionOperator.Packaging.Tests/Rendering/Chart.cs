using System.Text.Json.Nodes;
using AttentionOperator.Api.Serialization;

namespace AttentionOperator.Packaging.Tests.Rendering;

/// <summary>The chart as real helm renders it.</summary>
internal static class Chart
{
    public const string Release = "attention-operator";
    public const string Namespace = "attention-system";

    public static string Values(string name) => Path.Combine(Repository.Chart, "ci", name + ".yaml");

    public static Task<CommandResult> TryRenderAsync(params string[] arguments) =>
        Tool.Find("helm").RunAsync(["template", Release, Repository.Chart, "--namespace", Namespace, .. arguments]);

    public static async Task<string> RenderAsync(params string[] arguments) => (await TryRenderAsync(arguments)).RequireSuccess();

    public static async Task<IReadOnlyList<JsonNode>> ObjectsAsync(params string[] arguments) => YamlDocuments.Parse(await RenderAsync(arguments));

    public static async Task<IReadOnlyList<JsonNode>> KustomizeAsync(string directory) =>
        YamlDocuments.Parse((await Tool.Find("kubectl").RunAsync("kustomize", Repository.PathOf("config", directory))).RequireSuccess());
}
