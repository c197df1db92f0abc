using System.Buffers.Binary;

namespace AttentionOperator.Sandbox.Api.Protobuf;

/// <summary>The protobuf wire format: tags, varints, fixed and length-delimited values.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;
    private int _wireType;

    public bool Next(out int field)
    {
        field = 0;
        if (_rest.IsEmpty) return false;
        var tag = Varint();
        field = (int)(tag >> 3);
        _wireType = (int)(tag & 7);
        return true;
    }

    public ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (_rest.IsEmpty) throw Malformed();
            var next = _rest[0];
            _rest = _rest[1..];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80) return value;
        }

        throw Malformed();
    }

    public ReadOnlySpan<byte> Bytes()
    {
        if (_wireType != 2) throw Malformed();
        var length = Varint();
        if (length > (ulong)_rest.Length) throw Malformed();
        var value = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return value;
    }

    public ulong Fixed64()
    {
        if (_rest.Length < 8) throw Malformed();
        var value = BinaryPrimitives.ReadUInt64LittleEndian(_rest);
        _rest = _rest[8..];
        return value;
    }

    public void Skip()
    {
        switch (_wireType)
        {
            case 0:
                Varint();
                break;
            case 1:
                Fixed64();
                break;
            case 2:
                Bytes();
                break;
            case 5 when _rest.Length >= 4:
                _rest = _rest[4..];
                break;
            default:
                throw Malformed();
        }
    }

    private static ApiException Malformed() => ApiErrors.BadRequest("the protobuf body is malformed");
}
