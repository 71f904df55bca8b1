namespace Logitscope;

/// <summary>
/// Reads the pickle of a state dict. A pickle is a program; this one may only put together tensors, numbers, texts,
/// tuples, lists and dictionaries. Every other instruction and every other Python name ends the reading. Stack, memo and
/// the number of values are bounded.
/// </summary>
/// <remarks>PyTorch's _weights_only_unpickler.py has the same aim.</remarks>
internal sealed class Unpickler
{
    private const int MostValues = 2_000_000; // a tensor takes about 20
    private const int DeepestStack = 1_000_000;
    private const int MostDimensions = 64;
    private const byte NewestProtocol = 5;

    private static readonly object s_mark = new();

    /// <summary>The closed list of Python names, and what they mean. They are words: no name is ever looked up and called.</summary>
    private static readonly Dictionary<string, object> s_known = new()
    {
        ["collections.OrderedDict"] = PickleGlobal.OrderedDict,
        ["torch._utils._rebuild_tensor_v2"] = PickleGlobal.RebuildTensor,
        ["torch._utils._rebuild_parameter"] = PickleGlobal.RebuildParameter,
        ["torch.FloatStorage"] = ScalarType.Float32,
        ["torch.HalfStorage"] = ScalarType.Float16,
        ["torch.BFloat16Storage"] = ScalarType.BFloat16,
        ["torch.DoubleStorage"] = ScalarType.Float64,
        ["torch.LongStorage"] = ScalarType.Int64,
        ["torch.IntStorage"] = ScalarType.Int32,
        ["torch.ShortStorage"] = ScalarType.Int16,
        ["torch.CharStorage"] = ScalarType.Int8,
        ["torch.ByteStorage"] = ScalarType.Byte,
        ["torch.BoolStorage"] = ScalarType.Bool,
    };

    private readonly List<object?> _stack = [];
    private readonly Dictionary<long, object?> _memo = [];
    private int _values;

    /// <summary>What the pickle makes.</summary>
    public static object? Read(ReadOnlySpan<byte> pickle)
    {
        var bytes = new PickleBytes(pickle);
        var unpickler = new Unpickler();
        for (var opcode = (PickleOpcode)bytes.Byte(); opcode != PickleOpcode.Stop; opcode = (PickleOpcode)bytes.Byte())
        {
            unpickler.Do(opcode, ref bytes);
        }

        return unpickler._stack is [var result] && result != s_mark
            ? result
            : throw new PickleException($"expected one value at its end, got {unpickler._stack.Count}");
    }

    private void Do(PickleOpcode opcode, ref PickleBytes bytes)
    {
        switch (opcode)
        {
            case PickleOpcode.Proto:
                _ = bytes.Byte() is var protocol && protocol <= NewestProtocol
                    ? protocol
                    : throw new PickleException($"expected protocol 2 to {NewestProtocol}, got {protocol}");
                break;
            case PickleOpcode.Frame:
                bytes.Skip(sizeof(ulong));
                break;
            case PickleOpcode.Append or PickleOpcode.Appends:
                var values = opcode == PickleOpcode.Append ? PopLast(1) : PopToMark();
                (Top as List<object?> ?? throw Odd(PickleOpcode.Append)).AddRange(values);
                break;
            case PickleOpcode.SetItem or PickleOpcode.SetItems:
                SetItems(opcode == PickleOpcode.SetItem ? PopLast(2) : PopToMark());
                break;
            case PickleOpcode.BinPut or PickleOpcode.LongBinPut or PickleOpcode.Memoize:
                _memo[opcode == PickleOpcode.Memoize ? _memo.Count : KeyOf(opcode == PickleOpcode.BinPut, ref bytes)] = Top;
                break;
            case PickleOpcode.Build:
                // An OrderedDict's attributes: the versions of the modules that were saved.
                _ = Pop();
                _ = Top is List<KeyValuePair<object?, object?>> ? Top : throw Odd(opcode);
                break;
            default:
                Push(ValueOf(opcode, ref bytes));
                break;
        }
    }

    private object? ValueOf(PickleOpcode opcode, ref PickleBytes bytes) => opcode switch
    {
        PickleOpcode.Mark => s_mark,
        PickleOpcode.None => null,
        PickleOpcode.NewTrue => true,
        PickleOpcode.NewFalse => false,
        PickleOpcode.BinInt => (long)bytes.Int32(),
        PickleOpcode.BinInt1 => (long)bytes.Byte(),
        PickleOpcode.BinInt2 => (long)bytes.UInt16(),
        PickleOpcode.Long1 => bytes.Integer(bytes.Byte()),
        PickleOpcode.BinFloat => bytes.Double(),
        PickleOpcode.BinUnicode => bytes.Text(bytes.UInt32()),
        PickleOpcode.ShortBinUnicode or PickleOpcode.ShortBinString => bytes.Text(bytes.Byte()),
        PickleOpcode.EmptyTuple => Array.Empty<object?>(),
        PickleOpcode.Tuple1 or PickleOpcode.Tuple2 or PickleOpcode.Tuple3 => PopLast(1 + opcode - PickleOpcode.Tuple1).ToArray(),
        PickleOpcode.Tuple => PopToMark().ToArray(),
        PickleOpcode.EmptyList => new List<object?>(),
        PickleOpcode.EmptyDict => new List<KeyValuePair<object?, object?>>(),
        PickleOpcode.BinGet or PickleOpcode.LongBinGet => Remembered(KeyOf(opcode == PickleOpcode.BinGet, ref bytes)),
        PickleOpcode.Global => Known(bytes.Line(), bytes.Line()),
        PickleOpcode.Inst => throw Unknown(bytes.Line(), bytes.Line()),
        PickleOpcode.StackGlobal => PopLast(2) is [string module, string name] ? Known(module, name) : throw Odd(opcode),
        PickleOpcode.BinPersId => Storage(Pop()),
        PickleOpcode.Reduce or PickleOpcode.NewObj =>
            PopLast(2) is [PickleGlobal callable, object?[] arguments] ? Make(callable, arguments) : throw Odd(opcode),
        _ => throw new PickleException($"expected the instructions of a state dict, got 0x{(byte)opcode:X2} at byte {bytes.Position - 1}"),
    };

    private static long KeyOf(bool isShort, ref PickleBytes bytes) => isShort ? bytes.Byte() : bytes.UInt32();
    private object? Top => _stack is [.., var top] && top != s_mark ? top : throw new PickleException("its stack is empty");

    private static object Known(string module, string name) =>
        s_known.GetValueOrDefault($"{module}.{name}") ?? throw Unknown(module, name);

    // PyTorch stores float8, unsigned and quantised numbers in ways of their own.
    private static PickleException Unknown(string module, string name) => module.StartsWith("torch", StringComparison.Ordinal)
        && (name is "_rebuild_tensor_v3" or "UntypedStorage" or "_rebuild_qtensor" || name.StartsWith('Q') || name.StartsWith("float8", StringComparison.Ordinal))
        ? new($"it stores numbers by '{module}.{name}': expected float32, float16, bfloat16, float64 or plain integers; "
            + "quantised weights (float8, packed integers) are not implemented")
        : new($"it asks Python for '{module}.{name}', which no state dict needs; it was not run");

    private static PickleException Odd(PickleOpcode opcode) => new($"a {opcode} has operands that no state dict has");

    private static StorageReference Storage(object? id) =>
        id is object?[] and ["storage", ScalarType type, string key, string, long elements] && elements >= 0
            ? new StorageReference(type, key, elements)
            : throw Odd(PickleOpcode.BinPersId);

    private static object Make(PickleGlobal callable, object?[] arguments) => (callable, arguments) switch
    {
        (PickleGlobal.OrderedDict, []) => new List<KeyValuePair<object?, object?>>(),
        (PickleGlobal.RebuildParameter, [PickledTensor tensor, bool, _]) => tensor,

        // The last ones are requires_grad, hooks and, in newer files, flags of a tensor's view.
        (PickleGlobal.RebuildTensor, [StorageReference storage, long offset, object?[] size, object?[] strides, bool, _, ..])
            when arguments.Length <= 7 => new PickledTensor(storage, offset, Integers(size), Integers(strides)),
        _ => throw new PickleException($"{callable} has arguments that no state dict has"),
    };

    // A tuple may be used again and again, so a long one would be a large file out of a small one.
    private static long[] Integers(object?[] values) => values.Length <= MostDimensions && values.All(value => value is long)
        ? [.. values.Cast<long>()]
        : throw new PickleException($"a tensor has more than {MostDimensions} dimensions, or one that is no whole number");

    private void Push(object? value)
    {
        if (++_values > MostValues || _stack.Count == DeepestStack)
        {
            throw new PickleException($"expected at most {MostValues} values, {DeepestStack} of them on the stack");
        }

        _stack.Add(value);
    }

    private object? Pop()
    {
        var top = Top;
        _stack.RemoveAt(_stack.Count - 1);
        return top;
    }

    private List<object?> PopLast(int count)
    {
        var start = _stack.Count - count;
        return start < 0 || _stack.IndexOf(s_mark, start) >= 0 ? throw new PickleException("its stack is empty") : PopFrom(start, start);
    }

    private List<object?> PopToMark()
    {
        var mark = _stack.LastIndexOf(s_mark);
        return mark < 0 ? throw new PickleException("its stack has no mark") : PopFrom(mark, mark + 1);
    }

    private List<object?> PopFrom(int start, int firstValue)
    {
        var popped = _stack[firstValue..];
        _stack.RemoveRange(start, _stack.Count - start);
        return popped;
    }

    private object? Remembered(long key) =>
        _memo.TryGetValue(key, out var value) ? value : throw new PickleException($"it remembers no value {key}");

    private void SetItems(List<object?> values)
    {
        if (Top is not List<KeyValuePair<object?, object?>> dictionary || values.Count % 2 != 0)
        {
            throw Odd(PickleOpcode.SetItems);
        }

        dictionary.AddRange(values.Chunk(2).Select(pair => KeyValuePair.Create(pair[0], pair[1])));
    }
}

/// <summary>What a state dict calls.</summary>
internal enum PickleGlobal
{
    OrderedDict,
    RebuildTensor,
    RebuildParameter,
}

/// <summary>A pickle's word for a tensor; nothing of it is checked against the archive yet.</summary>
internal sealed record PickledTensor(StorageReference Storage, long Offset, IReadOnlyList<long> Shape, IReadOnlyList<long> Strides);

/// <summary>A pickle's word for a file of the archive, named below <c>data/</c>, that holds so many numbers.</summary>
internal sealed record StorageReference(ScalarType Type, string Key, long Elements);

/// <summary>A pickle does what a state dict does not; <see cref="PyTorchFile"/> adds the file's name.</summary>
internal sealed class PickleException(string message, Exception? inner = null) : Exception(message, inner);
