using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Kube.Tests.Control;

internal sealed class FakeVersions : IVersionSource
{
    public Dictionary<ObjectKey, ObjectIdentity> Objects { get; } = [];

    public string Latest { get; set; } = "";

    public string LatestResourceVersion => Latest;

    public ObjectIdentity? IdentityOf(ObjectKey key) => Objects.TryGetValue(key, out ObjectIdentity found) ? found : null;
}
