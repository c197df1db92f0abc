namespace AttentionOperator.Tokenization.PreTokenizers;

internal interface IPreTokenizer
{
    void Apply(PreTokenizedText text);

    /// <summary>Whether every code unit of the text reaches the model.</summary>
    bool KeepsEverything { get; }

    /// <summary>What is put before every piece that the step is given, or before some; empty where nothing is.</summary>
    string Prefix { get; }

    /// <summary>Whether the model sees stand-ins of bytes.</summary>
    bool IsByteLevel => false;

    /// <summary>Whether the result depends on where a piece lies in the original text.</summary>
    bool NeedsAlignment => false;
}
