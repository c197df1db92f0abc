using System.Text;

namespace AttentionOperator.Sandbox.NodeAgent.Containers;

/// <summary>Lines of output up to a number of characters; what comes after is dropped.</summary>
internal sealed class BoundedText(int limit)
{
    private readonly Lock _gate = new();
    private readonly StringBuilder _text = new();

    public void Append(string line)
    {
        lock (_gate)
        {
            if (_text.Length < limit)
            {
                _text.Append(_text.Length == 0 ? string.Empty : "\n").Append(line.AsSpan(0, Math.Min(line.Length, limit - _text.Length)));
            }
        }
    }

    public override string ToString()
    {
        lock (_gate)
        {
            return _text.ToString();
        }
    }
}
