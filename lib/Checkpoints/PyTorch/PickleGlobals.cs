namespace Logitscope.Checkpoints.PyTorch;

/// <summary>The closed list of Python names, and what they mean.</summary>
internal static class PickleGlobals
{
    private static readonly Dictionary<string, PickleGlobal> s_known = new()
    {
        ["collections.OrderedDict"] = PickleGlobal.OrderedDict,
        ["torch._utils._rebuild_tensor_v2"] = PickleGlobal.RebuildTensor,
        ["torch._utils._rebuild_parameter"] = PickleGlobal.RebuildParameter,
        ["torch.FloatStorage"] = PickleGlobal.FloatStorage,
        ["torch.HalfStorage"] = PickleGlobal.HalfStorage,
        ["torch.BFloat16Storage"] = PickleGlobal.BFloat16Storage,
        ["torch.DoubleStorage"] = PickleGlobal.DoubleStorage,
        ["torch.LongStorage"] = PickleGlobal.LongStorage,
        ["torch.IntStorage"] = PickleGlobal.IntStorage,
        ["torch.ShortStorage"] = PickleGlobal.ShortStorage,
        ["torch.CharStorage"] = PickleGlobal.CharStorage,
        ["torch.ByteStorage"] = PickleGlobal.ByteStorage,
        ["torch.BoolStorage"] = PickleGlobal.BoolStorage,
    };

    /// <summary>The name's place on the list; null where it has none.</summary>
    public static PickleGlobal? Find(string name) => s_known.TryGetValue(name, out var global) ? global : null;

    /// <summary>The element type of a storage; null for what is no storage.</summary>
    public static ScalarType? ElementType(this PickleGlobal global) => global switch
    {
        PickleGlobal.FloatStorage => ScalarType.Float32,
        PickleGlobal.HalfStorage => ScalarType.Float16,
        PickleGlobal.BFloat16Storage => ScalarType.BFloat16,
        PickleGlobal.DoubleStorage => ScalarType.Float64,
        PickleGlobal.LongStorage => ScalarType.Int64,
        PickleGlobal.IntStorage => ScalarType.Int32,
        PickleGlobal.ShortStorage => ScalarType.Int16,
        PickleGlobal.CharStorage => ScalarType.Int8,
        PickleGlobal.ByteStorage => ScalarType.Byte,
        PickleGlobal.BoolStorage => ScalarType.Bool,
        _ => null,
    };
}

/// <summary>The Python names that a state dict needs. They are words here: no name is ever looked up and called.</summary>
internal enum PickleGlobal
{
    OrderedDict,
    RebuildTensor,
    RebuildParameter,
    FloatStorage,
    HalfStorage,
    BFloat16Storage,
    DoubleStorage,
    LongStorage,
    IntStorage,
    ShortStorage,
    CharStorage,
    ByteStorage,
    BoolStorage,
}
