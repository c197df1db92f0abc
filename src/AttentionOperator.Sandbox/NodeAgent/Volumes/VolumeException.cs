namespace AttentionOperator.Sandbox.NodeAgent.Volumes;

/// <summary>A volume cannot be mounted yet; the message becomes a FailedMount event and the attempt is repeated.</summary>
internal sealed class VolumeException : Exception
{
    public VolumeException(string volume, string message)
        : base($"MountVolume.SetUp failed for volume \"{volume}\" : {message}")
    {
    }
}
