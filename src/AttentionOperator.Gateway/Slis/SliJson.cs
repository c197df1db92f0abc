using System.Text.Json;
using System.Text.Json.Serialization;
using AttentionOperator.Api.Sli;

namespace AttentionOperator.Gateway.Slis;

/// <summary>Writes <c>/slis</c> without reflection: the operator asks every second, of every model.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(SliSnapshot))]
internal sealed partial class SliJson : JsonSerializerContext;
