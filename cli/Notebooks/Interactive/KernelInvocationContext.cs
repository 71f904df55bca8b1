using Logitscope.Cli.Notebooks;

namespace Microsoft.DotNet.Interactive;

/// <summary>The run of one cell, as its code sees it.</summary>
public sealed class KernelInvocationContext
{
    private static volatile KernelInvocationContext? s_current;
    private readonly CellOutputs _outputs;

    internal KernelInvocationContext(CellOutputs outputs, CancellationToken cancellationToken)
    {
        _outputs = outputs;
        CancellationToken = cancellationToken;
    }

    /// <summary>The cell that runs now.</summary>
    public static KernelInvocationContext Current
    {
        get => s_current ?? throw new InvalidOperationException("No notebook cell is running.");
        internal set => s_current = value;
    }

    /// <summary>Cancelled when the run is interrupted; pass it to what takes long.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>Shows a value below the cell.</summary>
    public DisplayedValue Display(object? value, params string[] mimeTypes) =>
        Add(ValueFormatter.Format(value, mimeTypes), mimeTypes);

    /// <summary>Shows text as what the MIME type says it is.</summary>
    public DisplayedValue DisplayAs(string value, string mimeType) =>
        Add(ValueFormatter.Verbatim(value, mimeType), [mimeType]);

    private DisplayedValue Add(IReadOnlyDictionary<string, string> data, string[] mimeTypes)
    {
        var output = new DisplayOutput(data, isResult: false);
        _outputs.Add(output);
        return new DisplayedValue(output, mimeTypes);
    }
}
