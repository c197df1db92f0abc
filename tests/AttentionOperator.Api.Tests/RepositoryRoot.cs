namespace AttentionOperator.Api.Tests;

internal static class RepositoryRoot
{
    public static string Path { get; } = Find();

    private static string Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(directory.FullName, "AttentionOperator.sln")))
            {
                return directory.FullName;
            }
        }

        throw new InvalidOperationException($"AttentionOperator.sln was not found above {AppContext.BaseDirectory}");
    }
}
