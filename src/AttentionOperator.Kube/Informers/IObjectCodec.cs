using System.Text.Json;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Kube.Informers;

/// <summary>Reads cached objects out of the API's JSON, in one pass.</summary>
public interface IObjectCodec<T>
    where T : class
{
    /// <summary>Reads one object.</summary>
    /// <param name="reader">Stands at the object's opening brace and is left at its closing one.</param>
    /// <param name="buffer">The bytes that <paramref name="reader"/> reads, from its start.</param>
    /// <exception cref="JsonException">The object does not fit the type.</exception>
    T Decode(ref Utf8JsonReader reader, ReadOnlySpan<byte> buffer);

    ObjectIdentity Identify(T value);

    string? Label(T value, string name);

    IEnumerable<ObjectOwner> Owners(T value);
}
