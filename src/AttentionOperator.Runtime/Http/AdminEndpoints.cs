using System.Text;
using AttentionOperator.Inference.Memory;
using AttentionOperator.Runtime.Metrics;
using AttentionOperator.Runtime.Serving;

namespace AttentionOperator.Runtime.Http;

/// <summary>Health, metrics and version: answered in every state, without the gate.</summary>
internal sealed class AdminEndpoints(RequestGate gate, RuntimeMetrics metrics, bool vllmAliases)
{
    private const string MetricsContentType = "text/plain; version=0.0.4; charset=utf-8";

    public static Task LiveAsync(HttpContext context) => TextAsync(context, StatusCodes.Status200OK, "alive");

    /// <summary>200 while new requests are taken.</summary>
    public Task ReadyAsync(HttpContext context) => gate.Ready
        ? TextAsync(context, StatusCodes.Status200OK, "ready")
        : TextAsync(context, StatusCodes.Status503ServiceUnavailable, gate.Draining ? "draining" : "starting");

    /// <summary>200 once the model is loaded and warm.</summary>
    public Task StartupAsync(HttpContext context) => gate.Model is not null
        ? TextAsync(context, StatusCodes.Status200OK, "started")
        : TextAsync(context, StatusCodes.Status503ServiceUnavailable, "starting");

    public async Task MetricsAsync(HttpContext context)
    {
        if (gate.Model is { } model) metrics.Engine.Update(model.Statistics, DeviceMemory.Read(model.OnGpu));
        using var buffer = new MemoryStream(16384);
        await metrics.Registry.CollectAndExportAsTextAsync(buffer, context.RequestAborted);
        context.Response.ContentType = MetricsContentType;
        await context.Response.Body.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), context.RequestAborted);
        if (!vllmAliases) return;
        var aliases = VllmAliases.Of(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(aliases), context.RequestAborted);
    }

    public static Task VersionAsync(HttpContext context) => JsonText.WriteAsync(context, writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("version", typeof(AdminEndpoints).Assembly.GetName().Version?.ToString(3));
        writer.WriteString("product", "attention-runtime");
        writer.WriteEndObject();
    });

    private static async Task TextAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(text, context.RequestAborted);
    }
}
