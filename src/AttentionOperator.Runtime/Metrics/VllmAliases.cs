using System.Text;

namespace AttentionOperator.Runtime.Metrics;

/// <summary>Repeats metrics under the names that vLLM gives them, for routers that know only those.</summary>
internal static class VllmAliases
{
    private static readonly (string Ours, string Theirs)[] Names =
    [
        ("attention_requests_running", "vllm:num_requests_running"),
        ("attention_queue_depth", "vllm:num_requests_waiting"),
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

    private static readonly string[] Suffixes = ["_bucket", "_sum", "_count"];

    /// <summary>The text exposition's lines of aliased metrics, renamed.</summary>
    public static string Of(string exposition)
    {
        var aliases = new StringBuilder();
        double waiting = 0;
        foreach (var line in exposition.Split('\n'))
        {
            if (line.Length == 0) continue;
            var comment = line.StartsWith("# HELP ", StringComparison.Ordinal) || line.StartsWith("# TYPE ", StringComparison.Ordinal);
            var start = comment ? 7 : 0;
            var end = line.IndexOfAny([' ', '{'], start);
            if (end < 0 || Alias(line[start..end]) is not { } theirs) continue;
            // The waiting requests are one number there, of all classes.
            if (theirs == "vllm:num_requests_waiting" && !comment)
            {
                waiting += double.Parse(line.AsSpan(line.LastIndexOf(' ') + 1), System.Globalization.CultureInfo.InvariantCulture);
                continue;
            }

            aliases.Append(line, 0, start).Append(theirs)
                .Append(line[end..].Replace("{model=", "{model_name=", StringComparison.Ordinal).Replace(",model=", ",model_name=", StringComparison.Ordinal).Replace("finish_reason=", "finished_reason=", StringComparison.Ordinal))
                .Append('\n');
        }

        var labels = LabelsOf(exposition);
        aliases.Append(System.Globalization.CultureInfo.InvariantCulture, $"vllm:num_requests_waiting{labels} {waiting}\n");
        return aliases.ToString();
    }

    private static string? Alias(string name)
    {
        foreach (var (ours, theirs) in Names)
        {
            if (name == ours) return theirs;
            foreach (var suffix in Suffixes)
            {
                if (name.Length == ours.Length + suffix.Length && name.StartsWith(ours, StringComparison.Ordinal) && name.EndsWith(suffix, StringComparison.Ordinal)) return theirs + suffix;
            }
        }

        return null;
    }

    private static string LabelsOf(string exposition)
    {
        const string name = "\nattention_requests_running{";
        var at = exposition.IndexOf(name, StringComparison.Ordinal);
        if (at < 0) return "";
        var open = at + name.Length - 1;
        return exposition[open..(exposition.IndexOf('}', open) + 1)].Replace("{model=", "{model_name=", StringComparison.Ordinal).Replace(",model=", ",model_name=", StringComparison.Ordinal);
    }
}
