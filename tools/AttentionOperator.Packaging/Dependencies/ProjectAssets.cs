namespace AttentionOperator.Packaging.Dependencies;

/// <summary>What a restored project depends on, directly or not.</summary>
/// <param name="Project">The project's name.</param>
/// <param name="Packages">Its packages, by name.</param>
internal sealed record ProjectAssets(string Project, IReadOnlyList<Package> Packages);
