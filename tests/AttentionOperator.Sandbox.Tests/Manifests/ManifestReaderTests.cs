using AttentionOperator.Sandbox.Manifests;

namespace AttentionOperator.Sandbox.Tests.Manifests;

public sealed class ManifestReaderTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("manifests-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Parse_SplitsDocumentsAndLists()
    {
        var documents = ManifestReader.Parse(
            """
            # a comment
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: { name: a }
            --- # another
            apiVersion: v1
            kind: List
            items:
            - { apiVersion: v1, kind: Secret, metadata: { name: b } }
            - { apiVersion: v1, kind: Secret, metadata: { name: c } }
            ---
            """).ToList();

        Assert.Equal(["v1/ConfigMap/a", "v1/Secret/b", "v1/Secret/c"], documents.Select(d => $"{d["apiVersion"]}/{d["kind"]}/{d["metadata"]!["name"]}"));
    }

    [Fact]
    public void Read_OfAKustomization_FollowsItsResources()
    {
        Write("base/kustomization.yaml", "kind: Kustomization\nresources: [../part, one.yaml]");
        Write("base/one.yaml", "{ apiVersion: v1, kind: ConfigMap, metadata: { name: one } }");
        Write("base/ignored.yaml", "{ apiVersion: v1, kind: ConfigMap, metadata: { name: ignored } }");
        Write("part/two.yaml", "{ apiVersion: v1, kind: ConfigMap, metadata: { name: two } }");

        Assert.Equal(["two", "one"], ManifestReader.Read(Path.Combine(_directory, "base")).Select(d => d["metadata"]!["name"]!.GetValue<string>()));
    }

    [Fact]
    public void Order_PutsFoundationsFirstAndCustomObjectsLast()
    {
        var documents = ManifestReader.Parse(string.Join("\n---\n", ((string[])
        [
            "attentionoperator.io/v1alpha1 AttentionModel", "apps/v1 Deployment", "admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration", "v1 Service", "v1 ServiceAccount",
            "apiextensions.k8s.io/v1 CustomResourceDefinition", "v1 Namespace",
        ]).Select(d => $"apiVersion: {d.Split(' ')[0]}\nkind: {d.Split(' ')[1]}\nmetadata: {{ name: x }}")));

        Assert.Equal(
            ["Namespace", "CustomResourceDefinition", "ServiceAccount", "Deployment", "Service", "ValidatingWebhookConfiguration", "AttentionModel"],
            documents.OrderBy(ManifestOrder.Of).Select(d => d["kind"]!.GetValue<string>()));
    }

    private void Write(string path, string text)
    {
        var full = Path.Combine(_directory, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }
}
