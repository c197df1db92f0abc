namespace AttentionOperator.Packaging.Dependencies;

/// <summary>A package that a project is built with.</summary>
/// <param name="Id">The package's name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Sha512">The archive's SHA-512, base64 as NuGet writes it.</param>
/// <param name="Licence">SPDX expression, else the licence's address or file; null where the package says nothing.</param>
/// <param name="IsExpression">Whether <paramref name="Licence"/> is an SPDX expression.</param>
internal sealed record Package(string Id, string Version, string Sha512, string? Licence, bool IsExpression);
