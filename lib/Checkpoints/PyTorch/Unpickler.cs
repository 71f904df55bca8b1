namespace Logitscope.Checkpoints.PyTorch;

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
                RequireProtocol(bytes.Byte());
                break;
            case PickleOpcode.Frame:
                bytes.Skip(sizeof(ulong));
                break;
            case PickleOpcode.Mark:
                Push(s_mark);
                break;
            case PickleOpcode.None:
                Push(null);
                break;
            case PickleOpcode.NewTrue:
                Push(true);
                break;
            case PickleOpcode.NewFalse:
                Push(false);
                break;
            case PickleOpcode.BinInt:
                Push((long)bytes.Int32());
                break;
            case PickleOpcode.BinInt1:
                Push((long)bytes.Byte());
                break;
            case PickleOpcode.BinInt2:
                Push((long)bytes.UInt16());
                break;
            case PickleOpcode.Long1:
                Push(bytes.Integer(bytes.Byte()));
                break;
            case PickleOpcode.BinFloat:
                Push(bytes.Double());
                break;
            case PickleOpcode.BinUnicode:
                Push(bytes.Text(bytes.UInt32()));
                break;
            case PickleOpcode.ShortBinUnicode or PickleOpcode.ShortBinString:
                Push(bytes.Text(bytes.Byte()));
                break;
            case PickleOpcode.EmptyTuple:
                Push(Array.Empty<object?>());
                break;
            case PickleOpcode.Tuple1 or PickleOpcode.Tuple2 or PickleOpcode.Tuple3:
                Push(PopLast(1 + opcode - PickleOpcode.Tuple1).ToArray());
                break;
            case PickleOpcode.Tuple:
                Push(PopToMark().ToArray());
                break;
            case PickleOpcode.EmptyList:
                Push(new List<object?>());
                break;
            case PickleOpcode.Append:
                Append(PopLast(1));
                break;
            case PickleOpcode.Appends:
                Append(PopToMark());
                break;
            case PickleOpcode.EmptyDict:
                Push(new PickledDictionary());
                break;
            case PickleOpcode.SetItem:
                SetItems(PopLast(2));
                break;
            case PickleOpcode.SetItems:
                SetItems(PopToMark());
                break;
            case PickleOpcode.BinPut:
                _memo[bytes.Byte()] = Top;
                break;
            case PickleOpcode.LongBinPut:
                _memo[bytes.UInt32()] = Top;
                break;
            case PickleOpcode.Memoize:
                _memo[_memo.Count] = Top;
                break;
            case PickleOpcode.BinGet:
                Push(Remembered(bytes.Byte()));
                break;
            case PickleOpcode.LongBinGet:
                Push(Remembered(bytes.UInt32()));
                break;
            case PickleOpcode.Global:
                Push(Known(bytes.Line(), bytes.Line()));
                break;
            case PickleOpcode.Inst:
                throw Unknown(bytes.Line(), bytes.Line());
            case PickleOpcode.StackGlobal:
                Push(PopLast(2) is [string module, string name] ? Known(module, name) : throw Odd(opcode));
                break;
            case PickleOpcode.BinPersId:
                Push(Storage(Pop()));
                break;
            case PickleOpcode.Reduce or PickleOpcode.NewObj:
                Push(PopLast(2) is [PickleGlobal callable, object?[] arguments] ? Make(callable, arguments) : throw Odd(opcode));
                break;
            case PickleOpcode.Build:
                // An OrderedDict's attributes: the versions of the modules that were saved.
                _ = Pop();
                _ = Top is PickledDictionary ? Top : throw Odd(opcode);
                break;
            default:
                throw new PickleException($"expected the instructions of a state dict, got 0x{(byte)opcode:X2} at byte {bytes.Position - 1}");
        }
    }

    private object? Top => _stack is [.., var top] && top != s_mark ? top : throw new PickleException("its stack is empty");

    private static void RequireProtocol(byte protocol)
    {
        if (protocol > NewestProtocol)
        {
            throw new PickleException($"expected protocol 2 to {NewestProtocol}, got {protocol}");
        }
    }

    private static PickleGlobal Known(string module, string name) =>
        PickleGlobals.Find($"{module}.{name}") ?? throw Unknown(module, name);

    private static PickleException Unknown(string module, string name) =>
        new($"it asks Python for '{module}.{name}', which no state dict needs; it was not run");

    private static PickleException Odd(PickleOpcode opcode) => new($"a {opcode} has operands that no state dict has");

    private static StorageReference Storage(object? id) =>
        id is object?[] and ["storage", PickleGlobal type, string key, string, long elements] && elements >= 0
            ? new StorageReference(type.ElementType() ?? throw Odd(PickleOpcode.BinPersId), key, elements)
            : throw Odd(PickleOpcode.BinPersId);

    private static object Make(PickleGlobal callable, object?[] arguments) => (callable, arguments) switch
    {
        (PickleGlobal.OrderedDict, []) => new PickledDictionary(),
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
        if (start < 0 || _stack.IndexOf(s_mark, start) >= 0)
        {
            throw new PickleException("its stack is empty");
        }

        return PopFrom(start, start);
    }

    private List<object?> PopToMark()
    {
        var mark = _stack.LastIndexOf(s_mark);
        if (mark < 0)
        {
            throw new PickleException("its stack has no mark");
        }

        return PopFrom(mark, mark + 1);
    }

    private List<object?> PopFrom(int start, int firstValue)
    {
        var popped = _stack[firstValue..];
        _stack.RemoveRange(start, _stack.Count - start);
        return popped;
    }

    private object? Remembered(long key) =>
        _memo.TryGetValue(key, out var value) ? value : throw new PickleException($"it remembers no value {key}");

    private void Append(List<object?> values) => (Top as List<object?> ?? throw Odd(PickleOpcode.Append)).AddRange(values);

    private void SetItems(List<object?> values)
    {
        if (Top is not PickledDictionary dictionary || values.Count % 2 != 0)
        {
            throw Odd(PickleOpcode.SetItems);
        }

        dictionary.Pairs.AddRange(values.Chunk(2).Select(pair => KeyValuePair.Create(pair[0], pair[1])));
    }
}

/// <summary>A Python dictionary as it was written: pairs in order, a key perhaps twice.</summary>
internal sealed class PickledDictionary
{
    /// <summary>The pairs.</summary>
    public List<KeyValuePair<object?, object?>> Pairs { get; } = [];
}

/// <summary>A pickle's word for a tensor; nothing of it is checked against the archive yet.</summary>
/// <param name="Storage">Where its numbers are.</param>
/// <param name="Offset">The number that is its first.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Strides">How far apart neighbours of each dimension lie, in numbers.</param>
internal sealed record PickledTensor(
    StorageReference Storage, long Offset, IReadOnlyList<long> Shape, IReadOnlyList<long> Strides);

/// <summary>A pickle's word for a file of the archive that holds numbers.</summary>
/// <param name="Type">Their type.</param>
/// <param name="Key">The file's name below <c>data/</c>.</param>
/// <param name="Elements">How many numbers it declares.</param>
internal sealed record StorageReference(ScalarType Type, string Key, long Elements);

/// <summary>A pickle does what a state dict does not; <see cref="PyTorchFile"/> adds the file's name.</summary>
internal sealed class PickleException(string message, Exception? inner = null) : Exception(message, inner);
