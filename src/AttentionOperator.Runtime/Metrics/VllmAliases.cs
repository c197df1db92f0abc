using System.Globalization;
using System.Text;

namespace AttentionOperator.Runtime.Metrics;

/// <summary>Repeats metrics under the names that vLLM gives them, for routers that know only those.</summary>
internal static class VllmAliases
{
    private const string Waiting = "vllm:num_requests_waiting";

    private static readonly (string Ours, string Theirs)[] Names =
    [
        ("attention_requests_running", "vllm:num_requests_running"),
        ("attention_queue_depth", Waiting),
        ("attention_kv_cache_usage_ratio", "vllm:kv_cache_usage_perc"),
        ("attention_prefix_cache_queried_tokens_total", "vllm:prefix_cache_queries_total"),
        ("attention_prefix_cache_hit_tokens_total", "vllm:prefix_cache_hits_total"),
        ("attention_preemptions_total", "vllm:num_preemptions_total"),
        ("attention_prompt_tokens_total", "vllm:prompt_tokens_total"),
        ("attention_generated_tokens_total", "vllm:generation_tokens_total"),
        ("attention_generations_finished_total", "vllm:request_success_total"),
        ("attention_request_input_tokens", "vllm:request_prompt_tokens"),
        ("attention_request_output_tokens", "vllm:request_generation_tokens"),
        ("attention_time_to_first_token_seconds", "vllm:time_to_first_token_seconds"),
        ("attention_time_per_output_token_seconds", "vllm:request_time_per_output_token_seconds"),
        ("attention_step_tokens", "vllm:iteration_tokens_total"),
        ("attention_request_duration_seconds", "vllm:e2e_request_latency_seconds"),
        ("attention_requests_rejected_total", "vllm:admission_rejections_total"),
        ("attention_kv_cache_info", "vllm:cache_config_info"),
        ("attention_queue_duration_seconds", "vllm:request_queue_time_seconds"),
        ("attention_prefill_duration_seconds", "vllm:request_prefill_time_seconds"),
        ("attention_decode_duration_seconds", "vllm:request_decode_time_seconds"),
    ];

    private static readonly string[] Suffixes = ["", "_bucket", "_sum", "_count"];

    /// <summary>Every name with every suffix: read some hundred times per scrape.</summary>
    private static readonly Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> Lookup =
        Names.SelectMany(n => Suffixes.Select(s => (n.Ours + s, n.Theirs + s))).ToDictionary(n => n.Item1, n => n.Item2, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The text exposition's lines of aliased metrics, renamed.</summary>
    public static string Of(string exposition)
    {
        var aliases = new StringBuilder(exposition.Length / 2);
        double waiting = 0;
        foreach (var range in exposition.AsSpan().Split('\n'))
        {
            var line = exposition.AsSpan(range);
            if (line.IsEmpty) continue;
            var comment = line.StartsWith("# HELP ", StringComparison.Ordinal) || line.StartsWith("# TYPE ", StringComparison.Ordinal);
            var start = comment ? 7 : 0;
            var end = line[start..].IndexOfAny(' ', '{');
            if (end < 0 || !Lookup.TryGetValue(line.Slice(start, end), out var theirs)) continue;
            // The waiting requests are one number there, of all classes.
            if (theirs == Waiting && !comment)
            {
                waiting += double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
                continue;
            }

            aliases.Append(line[..start]).Append(theirs).Append(Relabelled(line[(start + end)..])).Append('\n');
        }

        aliases.Append(CultureInfo.InvariantCulture, $"{Waiting}{LabelsOf(exposition)} {waiting}\n");
        return aliases.ToString();
    }

    private static string Relabelled(ReadOnlySpan<char> rest)
    {
        var text = rest.ToString();
        return text.StartsWith('{')
            ? text.Replace("{model=", "{model_name=", StringComparison.Ordinal).Replace(",model=", ",model_name=", StringComparison.Ordinal).Replace("finish_reason=", "finished_reason=", StringComparison.Ordinal)
            : text;
    }

    private static string LabelsOf(string exposition)
    {
        const string name = "\nattention_requests_running{";
        var at = exposition.IndexOf(name, StringComparison.Ordinal);
        if (at < 0) return "";
        var open = at + name.Length - 1;
        return Relabelled(exposition.AsSpan(open..(exposition.IndexOf('}', open) + 1)));
    }
}
