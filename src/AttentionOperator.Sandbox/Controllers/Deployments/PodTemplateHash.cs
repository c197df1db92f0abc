using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using k8s;
using k8s.Models;

namespace AttentionOperator.Sandbox.Controllers.Deployments;

/// <summary>The name part and label that tell ReplicaSets of a Deployment apart.</summary>
internal static class PodTemplateHash
{
    public const string Label = "pod-template-hash";
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    /// <summary>A short word for a template; the collision count changes it where two templates share one.</summary>
    public static string Of(V1PodTemplateSpec template, int collisionCount)
    {
        var text = Canonical(template) + collisionCount.ToString(CultureInfo.InvariantCulture);
        var number = BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        var word = new StringBuilder(10);
        for (var i = 0; i < 10; i++)
        {
            word.Append(Alphabet[(int)(number % (uint)Alphabet.Length)]);
            number /= (uint)Alphabet.Length;
        }

        return word.ToString();
    }

    /// <summary>Whether two templates are the same apart from the label.</summary>
    public static bool Same(V1PodTemplateSpec left, V1PodTemplateSpec right) => Canonical(left) == Canonical(right);

    public static V1PodTemplateSpec Labelled(V1PodTemplateSpec template, string hash)
    {
        var labels = new Dictionary<string, string>(template.Metadata?.Labels ?? new Dictionary<string, string>(), StringComparer.Ordinal) { [Label] = hash };
        return template with { Metadata = (template.Metadata ?? new V1ObjectMeta()) with { Labels = labels } };
    }

    private static string Canonical(V1PodTemplateSpec template)
    {
        var labels = (template.Metadata?.Labels ?? new Dictionary<string, string>())
            .Where(l => l.Key != Label)
            .OrderBy(l => l.Key, StringComparer.Ordinal)
            .ToDictionary();
        var annotations = (template.Metadata?.Annotations ?? new Dictionary<string, string>())
            .OrderBy(a => a.Key, StringComparer.Ordinal)
            .ToDictionary();
        return KubernetesJson.Serialize(new V1PodTemplateSpec
        {
            Metadata = new V1ObjectMeta { Labels = labels, Annotations = annotations.Count == 0 ? null : annotations },
            Spec = template.Spec,
        });
    }
}
