using AttentionOperator.Inference.Artifacts;

namespace AttentionOperator.Inference.Tests.Loading;

public sealed class ArtifactDigestTests
{
    [Fact]
    public void The_digest_is_the_hash_of_the_sorted_manifest()
    {
        var directory = Directory.CreateTempSubdirectory("digest-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(directory, "1_Pooling"));
            Directory.CreateDirectory(Path.Combine(directory, ".cache"));
            File.WriteAllText(Path.Combine(directory, "b.txt"), "b");
            File.WriteAllText(Path.Combine(directory, "1_Pooling", "config.json"), "{}");
            File.WriteAllText(Path.Combine(directory, ".cache", "lock"), "x");
            Assert.Equal(
                "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a  1_Pooling/config.json\n3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d  b.txt\n",
                ArtifactDigest.Manifest(directory));
            var before = ArtifactDigest.Compute(directory);
            Assert.Matches("^sha256:[0-9a-f]{64}$", before);
            File.WriteAllText(Path.Combine(directory, ".cache", "lock"), "y");
            Assert.Equal(before, ArtifactDigest.Compute(directory));
            File.Move(Path.Combine(directory, "b.txt"), Path.Combine(directory, "c.txt"));
            Assert.NotEqual(before, ArtifactDigest.Compute(directory));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
