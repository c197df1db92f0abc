using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace AttentionOperator.Gateway.Hosting;

/// <summary>
/// Marks connections that came in at the admin port. By the listener and not by a path or port number: nothing that a client can say makes its connection an
/// admin's.
/// </summary>
internal static class AdminConnections
{
    private static readonly object Mark = new();

    public static void MarkAdmin(this ListenOptions listener) => listener.Use(next => connection =>
    {
        connection.Items[Mark] = Mark;
        return next(connection);
    });

    public static bool IsAdmin(this HttpContext context) => context.Features.Get<IConnectionItemsFeature>()?.Items.ContainsKey(Mark) == true;
}
