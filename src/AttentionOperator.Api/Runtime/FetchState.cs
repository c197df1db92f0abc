namespace AttentionOperator.Api.Runtime;

/// <summary>What a fetch is doing.</summary>
public enum FetchState
{
    /// <summary>Another pod of the node fetches the same artifact.</summary>
    Waiting,

    /// <summary>Asking the source for its files.</summary>
    Listing,

    Downloading,

    /// <summary>Hashing what was there already.</summary>
    Verifying,

    /// <summary>The directory is published.</summary>
    Done,
}
