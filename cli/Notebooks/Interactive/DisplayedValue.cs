using Logitscope.Cli.Notebooks;

namespace Microsoft.DotNet.Interactive;

/// <summary>A place below a cell whose content can be replaced.</summary>
public sealed class DisplayedValue
{
    private readonly DisplayOutput output;
    private readonly string[] mimeTypes;

    internal DisplayedValue(DisplayOutput output, string[] mimeTypes)
    {
        this.output = output;
        this.mimeTypes = mimeTypes;
    }

    /// <summary>Shows another value in the same place, with the MIME types of the first.</summary>
    public void Update(object? updatedValue) => output.Data = ValueFormatter.Format(updatedValue, mimeTypes);
}
