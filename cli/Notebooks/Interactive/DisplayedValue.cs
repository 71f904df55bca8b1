using Logitscope.Cli.Notebooks;

namespace Microsoft.DotNet.Interactive;

/// <summary>A place below a cell whose content can be replaced.</summary>
public sealed class DisplayedValue
{
    private readonly DisplayOutput _output;
    private readonly string[] _mimeTypes;

    internal DisplayedValue(DisplayOutput output, string[] mimeTypes)
    {
        _output = output;
        _mimeTypes = mimeTypes;
    }

    /// <summary>Shows another value in the same place, with the MIME types of the first.</summary>
    public void Update(object? updatedValue) => _output.Data = ValueFormatter.Format(updatedValue, _mimeTypes);
}
