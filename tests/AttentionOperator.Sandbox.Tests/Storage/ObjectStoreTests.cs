using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Storage;
using CsCheck;

namespace AttentionOperator.Sandbox.Tests.Storage;

public sealed class ObjectStoreTests
{
    private const string Table = "/things";

    [Fact]
    public async Task One_version_rises_over_all_tables()
    {
        await using var store = new ObjectStore(100, null);
        var a = await store.CreateAsync(Table, Thing("a", 1), []);
        var b = await store.CreateAsync("/others", Thing("a", 1), []);
        var c = await store.UpdateAsync(Table, a!, Thing("a", 2), []);
        var d = await store.DeleteAsync(Table, c!, Thing("a", 2), []);
        Assert.Equal([a!.Version + 1, a.Version + 2, a.Version + 3], [b!.Version, c!.Version, d!.Version]);
        Assert.Equal(d.Version, store.Version);
    }

    [Fact]
    public async Task Only_the_current_version_can_be_replaced_or_removed_and_a_name_is_taken_once()
    {
        await using var store = new ObjectStore(100, null);
        var first = await store.CreateAsync(Table, Thing("a", 1), []);
        Assert.Null(await store.CreateAsync(Table, Thing("a", 2), []));
        var second = await store.UpdateAsync(Table, first!, Thing("a", 2), []);
        var version = store.Version;
        Assert.Null(await store.UpdateAsync(Table, first!, Thing("a", 3), []));
        Assert.Null(await store.DeleteAsync(Table, first!, Thing("a", 3), []));
        Assert.Equal(version, store.Version);
        Assert.NotNull(await store.DeleteAsync(Table, second!, Thing("a", 2), []));
        Assert.Null(await store.UpdateAsync(Table, second!, Thing("a", 3), []));
        Assert.NotNull(await store.CreateAsync(Table, Thing("a", 4), []));
    }

    [Fact]
    public async Task Of_concurrent_increments_none_is_lost()
    {
        await using var store = new ObjectStore(10_000, null);
        await store.CreateAsync(Table, Thing("a", 0), []);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var done = 0; done < 50;)
            {
                var current = store.Find(Table, "ns", "a")!;
                if (await store.UpdateAsync(Table, current, Thing("a", Size(current) + 1), []) is not null) done++;
            }
        })));
        Assert.Equal(400, Size(store.Find(Table, "ns", "a")!));
    }

    [Fact]
    public async Task The_state_at_any_remembered_version_can_be_read_and_a_watch_from_it_leads_to_the_present()
    {
        // Random histories of creations, changes and deletions against a model that keeps every state.
        await Gen.Select(Gen.Int[0, 3], Gen.Int[0, 2]).Array[1, 40].SampleAsync(async steps =>
        {
            await using var store = new ObjectStore(1000, null);
            var states = new List<(long Version, Dictionary<string, int> Objects)> { (store.Version, []) };
            foreach (var (name, action) in steps)
            {
                var current = store.Find(Table, "ns", $"n{name}");
                var objects = new Dictionary<string, int>(states[^1].Objects);
                if (current is null)
                {
                    await store.CreateAsync(Table, Thing($"n{name}", 0), []);
                    objects[$"n{name}"] = 0;
                }
                else if (action == 0)
                {
                    await store.DeleteAsync(Table, current, current.Parse(), []);
                    objects.Remove($"n{name}");
                }
                else
                {
                    await store.UpdateAsync(Table, current, Thing($"n{name}", Size(current) + 1), []);
                    objects[$"n{name}"] = Size(current) + 1;
                }

                states.Add((store.Version, objects));
            }

            foreach (var (version, expected) in states)
            {
                var then = store.SnapshotAt(Table, version)!;
                Assert.Equal(expected.OrderBy(o => o.Key, StringComparer.Ordinal), then.Objects(null).Select(o => KeyValuePair.Create(o.Name, Size(o))));
                Assert.Equal(expected.Count, then.Count);
                var replayed = new Dictionary<string, int>(expected);
                var start = store.Watch(Table, version)!;
                while (start.Subscription.Records.TryRead(out var record))
                {
                    Assert.True(record.Version > version);
                    if (record.Kind == ChangeKind.Deleted) Assert.True(replayed.Remove(record.Object.Name));
                    else replayed[record.Object.Name] = Size(record.Object);
                }

                store.Unwatch(Table, start.Subscription);
                Assert.Equal(states[^1].Objects.OrderBy(o => o.Key, StringComparer.Ordinal), replayed.OrderBy(o => o.Key, StringComparer.Ordinal));
            }
        }, iter: 100);
    }

    [Fact]
    public async Task What_falls_out_of_the_ring_or_is_compacted_has_expired()
    {
        await using var store = new ObjectStore(3, null);
        var versions = new List<long>();
        for (var i = 0; i < 5; i++) versions.Add((await store.CreateAsync(Table, Thing($"n{i}", 0), []))!.Version);
        Assert.Null(store.Watch(Table, versions[0]));
        Assert.Null(store.SnapshotAt(Table, versions[0]));
        // Everything after the second version is still there.
        var start = store.Watch(Table, versions[1])!;
        Assert.Equal(3, start.Subscription.Records.Count);
        Assert.Equal(2, store.SnapshotAt(Table, versions[1])!.Count);
        store.Compact();
        Assert.Null(store.Watch(Table, versions[3]));
        Assert.NotNull(store.Watch(Table, versions[4]));
        Assert.Equal(versions[4], store.CompactedVersion(Table));
    }

    [Fact]
    public async Task A_watch_without_a_version_begins_with_what_is_there()
    {
        await using var store = new ObjectStore(100, null);
        await store.CreateAsync(Table, Thing("a", 1), []);
        var start = store.Watch(Table, null)!;
        Assert.Equal("a", Assert.Single(start.Snapshot.Objects(null)).Name);
        Assert.Equal(0, start.Subscription.Records.Count);
        Assert.Equal(store.Version, store.ProgressOf(start.Subscription));
        await store.CreateAsync(Table, Thing("b", 1), []);
        await store.CreateAsync("/others", Thing("c", 1), []);
        Assert.Null(store.ProgressOf(start.Subscription));
        Assert.True(start.Subscription.Records.TryRead(out var record));
        Assert.Equal((ChangeKind.Added, "b"), (record.Kind, record.Object.Name));
        Assert.False(start.Subscription.Records.TryRead(out _));
        store.EndWatches("/others");
        Assert.False(start.Subscription.Records.Completion.IsCompleted);
        store.EndWatches(Table);
        Assert.True(start.Subscription.Records.Completion.IsCompleted);
    }

    private static int Size(StoredObject stored) => (int)stored.Parse()["spec"]!["size"]!.GetValue<long>();

    private static JsonObject Thing(string name, int size) => new()
    {
        ["metadata"] = new JsonObject { ["namespace"] = "ns", ["name"] = name },
        ["spec"] = new JsonObject { ["size"] = size },
    };
}
