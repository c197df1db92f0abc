namespace AttentionOperator.Sandbox.Discovery;

/// <summary>Which OpenAPI a document is written in: where it keeps its schemas and how parameters look.</summary>
internal enum OpenApiForm
{
    V2,
    V3,
}
