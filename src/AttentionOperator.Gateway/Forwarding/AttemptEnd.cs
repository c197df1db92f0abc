namespace AttentionOperator.Gateway.Forwarding;

/// <summary>What one attempt on one replica came to.</summary>
internal enum AttemptEnd
{
    /// <summary>The client has an answer (or an error of the runtime's).</summary>
    Answered,

    /// <summary>The client has a part of a stream, and the rest will not come.</summary>
    BrokenOff,

    /// <summary>The replica refused before doing any work.</summary>
    Refused,

    /// <summary>The replica gave a stream back because it drains.</summary>
    GivenBack,

    /// <summary>The replica failed, and another one can answer or go on.</summary>
    Failed,

    /// <summary>No answer came within the longest time.</summary>
    TimedOut,

    /// <summary>Nobody waits for the answer any more.</summary>
    ClientGone,
}
