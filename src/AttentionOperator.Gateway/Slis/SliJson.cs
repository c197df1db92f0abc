using System.Text.Json;
using System.Text.Json.Serialization;
using AttentionOperator.Api.Sli;

namespace AttentionOperator.Gateway.Slis;

/// <summary>
/// Writes <c>/slis</c> without reflection and without zeros, which are what is read where nothing is written: the operator asks every second, of every model, and
/// most models of a fleet do little in a second.
/// </summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(SliSnapshot))]
internal sealed partial class SliJson : JsonSerializerContext;
