namespace AttentionOperator.Packaging.Tests.Rendering;

/// <summary>Compares with a file of <c>testassets</c>; <c>UPDATE_GOLDEN=1</c> writes it, for review in the difference of the commit.</summary>
internal static class GoldenFile
{
    private static readonly bool Update = Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1";

    public static async Task CompareAsync(string name, string actual)
    {
        var path = Path.Combine(Repository.TestAssets, name);
        if (Update)
        {
            await File.WriteAllTextAsync(path, actual);
        }

        Assert.True(File.Exists(path), $"{path} does not exist; run the tests with UPDATE_GOLDEN=1 and review what they write");
        Assert.Equal(await File.ReadAllTextAsync(path), actual);
    }
}
