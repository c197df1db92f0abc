using System.Text.Json.Nodes;
using AttentionOperator.Kube.Tests.Support;
using CsCheck;
using Microsoft.AspNetCore.Http;

namespace AttentionOperator.Kube.Tests.Regressions;

public sealed class ConvergenceTests
{
    private enum Act
    {
        Put,
        Delete,
        TamperWithChild,
        DropWatches,
        EndWatches,
        Compact,
        Restart,
        FailNextWrites,
    }

    [Fact]
    public Task AnyInterleavingOfEditsFaultsAndRestarts_EndsWithTheSameChildren() =>
        Gen.Select(Gen.Enum<Act>(), Gen.Int[0, 5], Gen.Int[1, 9]).List[5, 60].SampleAsync(
            async steps =>
            {
                await using ApiServer server = await ApiServer.StartAsync();
                int failing = 0;
                server.SupportsStreamingList = steps.Count % 2 == 0;
                server.Intercept = (context, request) =>
                {
                    bool fail = request.Method is "PATCH" or "DELETE" && Interlocked.Decrement(ref failing) >= 0;
                    context.Response.StatusCode = fail ? 500 : 200;
                    return Task.FromResult(fail);
                };
                var mirror = new MirrorController(server);
                foreach ((Act act, int name, int value) in steps)
                {
                    switch (act)
                    {
                        case Act.Put:
                            server.Put(MirrorController.Parents, $"o{name}", o => o["data"] = new JsonObject { ["value"] = $"{value}" });
                            break;
                        case Act.Delete:
                            server.Delete(MirrorController.Parents, $"o{name}");
                            break;
                        case Act.TamperWithChild:
                            server.Put(MirrorController.Children, $"o{name}", o => o["data"] = new JsonObject { ["value"] = "tampered" });
                            break;
                        case Act.DropWatches:
                            foreach (ApiWatcher watcher in server.Watchers())
                            {
                                watcher.Abort();
                            }

                            break;
                        case Act.EndWatches:
                            foreach (ApiWatcher watcher in server.Watchers())
                            {
                                watcher.Close();
                            }

                            break;
                        case Act.Compact:
                            server.Compact();
                            break;
                        case Act.Restart:
                            await mirror.DisposeAsync();
                            mirror = new MirrorController(server);
                            break;
                        case Act.FailNextWrites:
                            Volatile.Write(ref failing, value);
                            break;
                        default:
                            break;
                    }

                    await Task.Yield();
                }

                await server.WaitUntilAsync(() => Describe(server, MirrorController.Children) == Describe(server, MirrorController.Parents));
                await mirror.DisposeAsync();
            },
            iter: 25,
            threads: 1);

    private static string Describe(ApiServer server, string collection) =>
        string.Join(",", server.Names(collection).Select(n => $"{n}={(string?)server.Get(collection, n)?["data"]?["value"]}"));
}
