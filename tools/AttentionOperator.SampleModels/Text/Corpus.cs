namespace AttentionOperator.SampleModels.Text;

/// <summary>Training and held-out text: the last twentieth of each novel is never trained on.</summary>
internal sealed record Corpus(IReadOnlyList<string> Training, IReadOnlyList<string> HeldOut)
{
    public static Corpus Load(string path)
    {
        var training = new List<string>();
        var heldOut = new List<string>();
        foreach (var novel in NovelReader.Read(path))
        {
            var cut = novel.IndexOf("\n\n", novel.Length * 19 / 20, StringComparison.Ordinal);
            training.Add(novel[..cut]);
            heldOut.Add(novel[(cut + 2)..]);
        }

        return new Corpus(training, heldOut);
    }
}
