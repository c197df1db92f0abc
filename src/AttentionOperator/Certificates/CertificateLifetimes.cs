namespace AttentionOperator.Certificates;

/// <summary>How long certificates live, and how early they are replaced.</summary>
internal sealed record CertificateLifetimes
{
    /// <summary>Of an authority. It issues for this cluster's own Services alone, so it need not outlive a few of their certificates.</summary>
    public TimeSpan Authority { get; init; } = TimeSpan.FromDays(3 * 365);

    /// <summary>A new authority is made when the current one has less than this left: more than what it issues lives.</summary>
    public TimeSpan AuthorityRenewal { get; init; } = TimeSpan.FromDays(180);

    /// <summary>Of what servers present.</summary>
    public TimeSpan Serving { get; init; } = TimeSpan.FromDays(90);

    /// <summary>A serving certificate is issued anew when it has less than this left.</summary>
    public TimeSpan ServingRenewal { get; init; } = TimeSpan.FromDays(30);

    /// <summary>
    /// Time between that a new authority is published and that it issues, and between its first certificate and that the old authority is dropped: clients and
    /// all replicas have heard of it by then.
    /// </summary>
    public TimeSpan Overlap { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Certificates are valid from this long before they are issued, for clocks that are behind.</summary>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromMinutes(10);
}
