using System.Text.Json;

namespace AttentionOperator.Kube.Objects;

/// <summary>
/// Tells whether two versions of an object say the same to a controller: everything but the version's number, managedFields, and the annotations of others.
/// Tools write annotations of their own all the time; a controller that reads none of them has nothing to do then.
/// </summary>
public static class ObjectContent
{
    /// <param name="left">One version.</param>
    /// <param name="right">Another version.</param>
    /// <param name="annotationPrefix">Annotations that count begin with this, in UTF-8; empty counts all of them.</param>
    public static bool AreSame(KubeObject left, KubeObject right, ReadOnlySpan<byte> annotationPrefix)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        if (ReferenceEquals(left, right))
        {
            return true;
        }

        if (!string.Equals(left.Uid, right.Uid, StringComparison.Ordinal))
        {
            return false;
        }

        var ours = new Parts(left.Json.Span, annotationPrefix);
        var theirs = new Parts(right.Json.Span, annotationPrefix);
        while (true)
        {
            bool more = ours.Next(out ReadOnlySpan<byte> part);
            if (more != theirs.Next(out ReadOnlySpan<byte> other))
            {
                return false;
            }

            if (!more)
            {
                return true;
            }

            if (!part.SequenceEqual(other))
            {
                return false;
            }
        }
    }

    /// <summary>The properties that count, name and value, in the order of the document.</summary>
    private ref struct Parts
    {
        private readonly ReadOnlySpan<byte> json;
        private readonly ReadOnlySpan<byte> annotationPrefix;
        private Utf8JsonReader reader;
        private bool inMetadata;
        private bool inAnnotations;

        public Parts(ReadOnlySpan<byte> json, ReadOnlySpan<byte> annotationPrefix)
        {
            this.json = json;
            this.annotationPrefix = annotationPrefix;
            reader = new Utf8JsonReader(json);
            reader.Read();
        }

        public bool Next(out ReadOnlySpan<byte> part)
        {
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.EndObject)
                {
                    inMetadata &= inAnnotations;
                    inAnnotations = false;
                    continue;
                }

                int start = (int)reader.TokenStartIndex;
                bool counts = true;
                if (inAnnotations)
                {
                    counts = reader.ValueIsEscaped || reader.ValueSpan.StartsWith(annotationPrefix);
                }
                else if (inMetadata)
                {
                    counts = !reader.ValueTextEquals("resourceVersion"u8) && !reader.ValueTextEquals("managedFields"u8);
                    if (reader.ValueTextEquals("annotations"u8) && Enter())
                    {
                        inAnnotations = true;
                        continue;
                    }
                }
                else if (reader.ValueTextEquals("metadata"u8) && Enter())
                {
                    inMetadata = true;
                    continue;
                }

                if (reader.TokenType == JsonTokenType.PropertyName)
                {
                    reader.Read();
                }

                reader.Skip();
                if (counts)
                {
                    part = json[start..(int)reader.BytesConsumed];
                    return true;
                }
            }

            part = default;
            return false;
        }

        private bool Enter()
        {
            reader.Read();
            return reader.TokenType == JsonTokenType.StartObject;
        }
    }
}
