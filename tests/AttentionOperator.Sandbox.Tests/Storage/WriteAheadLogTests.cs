using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Storage;
using CsCheck;

namespace AttentionOperator.Sandbox.Tests.Storage;

public sealed class WriteAheadLogTests : IDisposable
{
    private const string Table = "/things";
    private readonly string _directory = Directory.CreateTempSubdirectory("sandbox-log-").FullName;

    private string LogFile => Path.Combine(_directory, "objects.log");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task What_was_acknowledged_is_there_again_with_versions_labels_and_fields()
    {
        long version;
        await using (var store = Open())
        {
            var a = await store.CreateAsync(Table, Thing("a", 1), ["metadata.name", "metadata.namespace", "spec.size"]);
            var b = await store.CreateAsync(Table, Thing("b", 1), []);
            await store.UpdateAsync(Table, a!, Thing("a", 2), ["metadata.name", "metadata.namespace", "spec.size"]);
            await store.DeleteAsync(Table, b!, Thing("b", 1), []);
            version = store.Version;
        }

        await using var again = Open();
        Assert.Equal(version, again.Version);
        Assert.Equal(version, again.RestoredVersion);
        var found = Assert.Single(again.Snapshot(Table).Objects(null));
        Assert.Equal(("ns", "a", "2", "2"), (found.Namespace, found.Name, found.Fields["spec.size"], found.Labels["size"]));
        Assert.Equal(found.Version.ToString(System.Globalization.CultureInfo.InvariantCulture), found.Parse()["metadata"]!["resourceVersion"]!.ToString());
        Assert.True((await again.CreateAsync(Table, Thing("c", 1), []))!.Version > version);
    }

    [Fact]
    public async Task Watches_from_before_a_restart_have_expired_and_later_ones_go_on()
    {
        long before;
        await using (var store = Open())
        {
            before = (await store.CreateAsync(Table, Thing("a", 1), []))!.Version;
            await store.CreateAsync(Table, Thing("b", 1), []);
        }

        await using var again = Open();
        Assert.Null(again.Watch(Table, before));
        Assert.Null(again.Watch("/never-written", before));
        Assert.Null(again.SnapshotAt(Table, before));
        var start = again.Watch(Table, again.RestoredVersion)!;
        await again.CreateAsync(Table, Thing("c", 1), []);
        Assert.True(start.Subscription.Records.TryRead(out var record));
        Assert.Equal("c", record.Object.Name);
    }

    [Fact]
    public async Task Writes_of_many_writers_share_flushes_and_all_survive()
    {
        var created = new List<string>();
        await using (var store = Open())
        {
            await Task.WhenAll(Enumerable.Range(0, 20).Select(w => Task.Run(async () =>
            {
                for (var i = 0; i < 20; i++)
                {
                    var stored = await store.CreateAsync(Table, Thing($"{w}-{i}", i), []);
                    // What the file holds now is what a kill would leave.
                    lock (created) created.Add(stored!.Name);
                }
            })));
        }

        await using var again = Open();
        Assert.Equal(created.Order(StringComparer.Ordinal), again.Snapshot(Table).Objects("ns").Select(o => o.Name));
    }

    [Fact]
    public async Task A_file_copied_at_any_time_holds_every_write_acknowledged_before()
    {
        var acknowledged = 0;
        var copies = new List<(int Acknowledged, byte[] Bytes)>();
        await using (var store = Open())
        {
            var writer = Task.Run(async () =>
            {
                for (var i = 0; i < 200; i++)
                {
                    await store.CreateAsync(Table, Thing($"t{i:000}", i), []);
                    Volatile.Write(ref acknowledged, i + 1);
                }
            });
            while (!writer.IsCompleted)
            {
                var known = Volatile.Read(ref acknowledged);
                if (copies.Count == 0 || copies[^1].Acknowledged < known) copies.Add((known, ReadShared(LogFile)));
                await Task.Yield();
            }

            await writer;
        }

        foreach (var (known, bytes) in copies.Where((_, i) => i % 10 == 0).Append((200, await File.ReadAllBytesAsync(LogFile))))
        {
            await File.WriteAllBytesAsync(LogFile, bytes);
            await using var store = Open();
            Assert.True(store.Snapshot(Table).Count >= known, $"{store.Snapshot(Table).Count} of {known}");
        }
    }

    [Fact]
    public async Task A_torn_or_damaged_tail_is_cut_off_and_the_log_goes_on_behind_it()
    {
        var ends = new List<long>();
        await using (var store = Open())
        {
            for (var i = 0; i < 8; i++)
            {
                await store.CreateAsync(Table, Thing($"t{i}", i), []);
                ends.Add(new FileInfo(LogFile).Length);
            }
        }

        var whole = await File.ReadAllBytesAsync(LogFile);
        await Gen.Select(Gen.Int[0, whole.Length], Gen.Bool).SampleAsync(async (at, damage) =>
        {
            if (damage && at < whole.Length)
            {
                var bytes = (byte[])whole.Clone();
                bytes[at] ^= 0x40;
                await File.WriteAllBytesAsync(LogFile, bytes);
            }
            else
            {
                await File.WriteAllBytesAsync(LogFile, whole[..at]);
            }

            var intact = ends.Count(e => e <= at);
            await using (var store = Open())
            {
                Assert.Equal(intact, store.Snapshot(Table).Count);
                await store.CreateAsync(Table, Thing("next", 1), []);
            }

            await using var again = Open();
            Assert.Equal(intact + 1, again.Snapshot(Table).Count);
        }, iter: 60, threads: 1);
    }

    [Fact]
    public async Task A_log_full_of_old_versions_is_rewritten_without_losing_the_newest_version()
    {
        long version;
        await using (var store = Open())
        {
            var kept = await store.CreateAsync(Table, Thing("kept", 0), []);
            for (var i = 1; i <= 1200; i++) kept = await store.UpdateAsync(Table, kept!, Thing("kept", i), []);
            var gone = await store.CreateAsync(Table, Thing("gone", 0), []);
            version = (await store.DeleteAsync(Table, gone!, Thing("gone", 0), []))!.Version;
        }

        var before = new FileInfo(LogFile).Length;
        for (var round = 0; round < 2; round++)
        {
            await using var again = Open();
            Assert.Equal(version, again.Version);
            Assert.Equal(1200, Assert.Single(again.Snapshot(Table).Objects(null)).Parse()["spec"]!["size"]!.GetValue<long>());
            Assert.True(new FileInfo(LogFile).Length < before / 100);
        }
    }

    private ObjectStore Open() => new(1000, new WriteAheadLog(_directory));

    private static byte[] ReadShared(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static JsonObject Thing(string name, int size) => new()
    {
        ["metadata"] = new JsonObject { ["namespace"] = "ns", ["name"] = name, ["uid"] = $"uid-{name}", ["labels"] = new JsonObject { ["size"] = $"{size}" } },
        ["spec"] = new JsonObject { ["size"] = size, ["text"] = "ä\n\"" },
    };
}
