using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Kube.Leases;

/// <summary>
/// A coordination.k8s.io Lease. Give it a connection of its own (<see cref="KubeConnection.CreateForLease"/>): a lease that shares its throttle with
/// the reconcilers is lost exactly when they are busiest.
/// </summary>
public sealed class KubeLeaseStore(KubeConnection connection, string ns, string name) : ILeaseStore
{
    private const string MicroTime = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";
    private static readonly ResourceKind Leases = new("coordination.k8s.io", "v1", "leases", "Lease");
    private readonly KubeApi api = new(connection);

    public string Name { get; } = $"{ns}/{name}";

    public async Task<LeaseState?> GetAsync(CancellationToken cancellation)
    {
        KubeObject? lease = await api.GetAsync(Leases, new ObjectKey(ns, name), cancellation).ConfigureAwait(false);
        return lease is null ? null : Read(lease);
    }

    public async Task<LeaseState?> CreateAsync(LeaseRecord record, CancellationToken cancellation)
    {
        var lease = new JsonObject
        {
            ["apiVersion"] = Leases.ApiVersion,
            ["kind"] = Leases.Kind,
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns },
            ["spec"] = new JsonObject(),
        };
        Write(lease, record);
        KubeObject? created = await api.CreateOnceAsync(Leases, ns, JsonSerializer.SerializeToUtf8Bytes(lease), cancellation).ConfigureAwait(false);
        return created is null ? null : Read(created);
    }

    public async Task<LeaseState?> UpdateAsync(LeaseState current, LeaseRecord record, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(current);
        JsonObject lease = JsonNode.Parse(current.Json.Span)!.AsObject();
        Write(lease, record);
        try
        {
            return Read(await api.ReplaceAsync(Leases, new ObjectKey(ns, name), JsonSerializer.SerializeToUtf8Bytes(lease), null, cancellation).ConfigureAwait(false));
        }
        catch (KubeApiException e) when (e.IsConflict || e.IsNotFound)
        {
            return null;
        }
    }

    private static void Write(JsonObject lease, LeaseRecord record)
    {
        if (lease["spec"] is not JsonObject spec)
        {
            lease["spec"] = spec = [];
        }

        spec["holderIdentity"] = record.Holder;
        spec["leaseDurationSeconds"] = (int)Math.Max(1, Math.Ceiling(record.Duration.TotalSeconds));
        spec["acquireTime"] = record.AcquiredAt.UtcDateTime.ToString(MicroTime, CultureInfo.InvariantCulture);
        spec["renewTime"] = record.RenewedAt.UtcDateTime.ToString(MicroTime, CultureInfo.InvariantCulture);
        spec["leaseTransitions"] = record.Transitions;
    }

    private static LeaseState Read(KubeObject lease)
    {
        using JsonDocument document = lease.Parse();
        JsonElement spec = document.RootElement.TryGetProperty("spec", out JsonElement found) ? found : default;
        var record = new LeaseRecord(
            Text(spec, "holderIdentity") ?? "",
            TimeSpan.FromSeconds(Number(spec, "leaseDurationSeconds")),
            Time(spec, "acquireTime"),
            Time(spec, "renewTime"),
            Number(spec, "leaseTransitions"));
        return new LeaseState(record, lease.ResourceVersion, lease.Json);
    }

    private static JsonElement? Value(JsonElement spec, string field) =>
        spec.ValueKind == JsonValueKind.Object && spec.TryGetProperty(field, out JsonElement value) ? value : null;

    private static string? Text(JsonElement spec, string field) => Value(spec, field) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    private static int Number(JsonElement spec, string field) => Value(spec, field) is { ValueKind: JsonValueKind.Number } value ? value.GetInt32() : 0;

    private static DateTimeOffset Time(JsonElement spec, string field) =>
        DateTimeOffset.TryParse(Text(spec, field), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset at) ? at : DateTimeOffset.UnixEpoch;
}
