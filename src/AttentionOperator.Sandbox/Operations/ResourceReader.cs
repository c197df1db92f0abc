using System.Globalization;
using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Discovery;
using AttentionOperator.Sandbox.Storage;

namespace AttentionOperator.Sandbox.Operations;

/// <summary>Gets and lists, with the API's rules for versions and pages.</summary>
internal sealed class ResourceReader(ApiContext api)
{
    public StoredObject Get(ResourceDefinition resource, string? ns, string name) =>
        api.Store.Find(resource.StorageKey, ns ?? "", name) ?? throw ApiErrors.NotFound(resource, name);

    public ListPage List(ResourceDefinition resource, string? ns, ListQuery query)
    {
        if (query.Continue is { Length: > 0 }) return ContinuePage(resource, ns, query);
        var (snapshot, version) = api.Store.Read(resource.StorageKey);
        var wanted = ParseVersion(query.ResourceVersion);
        if (query.ResourceVersionMatch is { Length: > 0 } match)
        {
            if (string.IsNullOrEmpty(query.ResourceVersion))
                throw InvalidListOption("resourceVersionMatch", "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided");
            if (match == "Exact" && wanted == 0) throw InvalidListOption("resourceVersionMatch", "Forbidden: resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
            if (match is not ("Exact" or "NotOlderThan"))
                throw InvalidListOption("resourceVersionMatch", $"Unsupported value: \"{match}\": supported values: \"Exact\", \"NotOlderThan\"");
        }

        if (wanted > version) throw ApiErrors.TimeoutLargeVersion(wanted.Value, version);
        if (query.ResourceVersionMatch == "Exact" && wanted is { } exact && exact < version)
        {
            snapshot = api.Store.SnapshotAt(resource.StorageKey, exact)
                ?? throw ApiErrors.Expired("The resourceVersion for the provided list is too old.");
            version = exact;
        }

        return Page(snapshot, version, ns, query, after: null);
    }

    private ListPage ContinuePage(ResourceDefinition resource, string? ns, ListQuery query)
    {
        if (!string.IsNullOrEmpty(query.ResourceVersion) && query.ResourceVersion != "0")
            throw ApiErrors.BadRequest("specifying resource version is not allowed when using continue");
        var token = ContinueToken.Parse(query.Continue!);
        if (token.Version < 0)
        {
            var (current, now) = api.Store.Read(resource.StorageKey);
            return Page(current, now, ns, query, token.Start);
        }

        var snapshot = api.Store.SnapshotAt(resource.StorageKey, token.Version);
        if (snapshot is not null) return Page(snapshot, token.Version, ns, query, token.Start);
        var error = ApiErrors.Expired("The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.");
        throw new ExpiredContinueException(error, new ContinueToken(-1, token.Start).ToString());
    }

    private static ListPage Page(TableSnapshot snapshot, long version, string? ns, ListQuery query, string? after)
    {
        var items = new List<StoredObject>();
        string? next = null;
        long? remaining = null;
        var candidates = query.Selectors.Fields.Name is { } name && ns is not null
            ? Single(snapshot.Find(ns, name))
            : snapshot.Objects(ns);
        foreach (var candidate in candidates)
        {
            if (after is not null && string.CompareOrdinal(candidate.Key, after) <= 0) continue;
            if (!query.Selectors.Matches(candidate)) continue;
            if (query.Limit > 0 && items.Count == query.Limit)
            {
                next = new ContinueToken(version, items[^1].Key).ToString();
                break;
            }

            items.Add(candidate);
        }

        if (next is not null && query.Selectors.IsEmpty)
            remaining = snapshot.Objects(ns).Count(o => string.CompareOrdinal(o.Key, items[^1].Key) > 0);
        return new ListPage(items, version, next, remaining);
    }

    private static IEnumerable<StoredObject> Single(StoredObject? found) => found is null ? [] : [found];

    public static long? ParseVersion(string? text)
    {
        if (string.IsNullOrEmpty(text)) return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version
            : throw ApiErrors.Invalid("", "ListOptions", "ListOptions.meta.k8s.io", "", [FieldError.Invalid("resourceVersion", text, $"strconv.ParseUint: parsing \"{text}\": invalid syntax")]);
    }

    public static ApiException InvalidListOption(string field, string message) =>
        ApiErrors.Invalid("meta.k8s.io", "ListOptions", "ListOptions.meta.k8s.io", "", [new FieldError(field, message.StartsWith("Unsupported", StringComparison.Ordinal) ? "FieldValueNotSupported" : "FieldValueForbidden", message)]);
}
