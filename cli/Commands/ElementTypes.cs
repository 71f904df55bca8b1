using System.CommandLine;
using TorchSharp;

namespace Logitscope.Cli.Commands;

/// <summary>Element types on the command line.</summary>
internal static class ElementTypes
{
    private static readonly Dictionary<string, torch.ScalarType> s_types = new()
    {
        ["float32"] = torch.float32,
        ["float64"] = torch.float64,
        ["bfloat16"] = torch.bfloat16,
        ["float16"] = torch.float16,
    };

    /// <summary>The types that a model can have.</summary>
    public static IReadOnlyCollection<torch.ScalarType> All => s_types.Values;

    /// <summary>Refuses every other word.</summary>
    public static void AcceptElementTypes<T>(this Option<T> option) => option.AcceptOnlyFromAmong([.. s_types.Keys]);

    /// <summary>The type of a name.</summary>
    public static torch.ScalarType Parse(string name) => s_types[name];

    /// <summary>The name of a type.</summary>
    public static string NameOf(torch.ScalarType type) => type.ToString().ToLowerInvariant();
}
