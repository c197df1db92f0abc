namespace AttentionOperator.Conformance;

/// <summary>An object without a namespace, which no test's namespace takes along: deleted at the end of the test.</summary>
internal sealed class Registration(Cluster cluster, string path) : IAsyncDisposable
{
    public async ValueTask DisposeAsync() => await cluster.SendAsync("DELETE", path);
}
