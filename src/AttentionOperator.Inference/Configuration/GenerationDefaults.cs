namespace AttentionOperator.Inference.Configuration;

/// <summary>Token ids and sampling defaults of generation_config.json, completed from config.json where that file is silent.</summary>
public sealed record GenerationDefaults
{
    public int? BeginId { get; init; }

    /// <summary>Ids that end an answer; several are usual for chat models.</summary>
    public IReadOnlyList<int> EndIds { get; init; } = [];

    public int? PadId { get; init; }

    public int? DecoderStartId { get; init; }

    public bool DoSample { get; init; }

    public double? Temperature { get; init; }

    public int? TopK { get; init; }

    public double? TopP { get; init; }

    public double? MinP { get; init; }

    public double? RepetitionPenalty { get; init; }

    public static GenerationDefaults Read(string directory, ConfigReader config)
    {
        var file = System.IO.File.Exists(Path.Combine(directory, "generation_config.json")) ? ConfigReader.Open(directory, "generation_config.json") : null;
        int? Id(string name) => file?.OptionalInt(name, min: 0) ?? config.OptionalInt(name, min: 0);
        var ends = file?.IntsOrInt("eos_token_id") ?? [];
        return new GenerationDefaults
        {
            BeginId = Id("bos_token_id"),
            EndIds = ends.Count > 0 ? ends : config.IntsOrInt("eos_token_id"),
            PadId = Id("pad_token_id"),
            DecoderStartId = Id("decoder_start_token_id"),
            DoSample = file?.BoolOr("do_sample", false) ?? false,
            Temperature = file?.OptionalNumber("temperature", 0, 100),
            TopK = file?.OptionalInt("top_k", min: 0),
            TopP = file?.OptionalNumber("top_p", 0, 1),
            MinP = file?.OptionalNumber("min_p", 0, 1),
            RepetitionPenalty = file?.OptionalNumber("repetition_penalty", 0.01, 100),
        };
    }
}
