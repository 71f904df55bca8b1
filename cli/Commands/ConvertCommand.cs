using System.CommandLine;

namespace Logitscope.Cli.Commands;

/// <summary><c>logitscope convert</c>: a model's folder in any format into one with model.safetensors.</summary>
internal static class ConvertCommand
{
    private const double Mebibyte = 1 << 20;

    public static Command Create()
    {
        var source = new Argument<string>("SRC") { Description = "A HuggingFace folder." };
        var destination = new Argument<string>("DST") { Description = "The new folder; nothing of that name may be there." };
        var dtype = new Option<string?>("--dtype")
        {
            Description = "Element type: bfloat16, float16, float32 or float64. Default: each weight's own.",
        };
        dtype.AcceptOnlyFromAmong([.. ModelOptions.ElementTypes.Keys]);
        var allowNonfinite = ModelArguments.AllowNonfinite();
        var command = new Command("convert", "Makes a folder with model.safetensors of a model in any format.")
        {
            source, destination, dtype, allowNonfinite,
        };
        command.SetAction((parsed, cancellation) =>
        {
            var (from, to) = (parsed.GetRequiredValue(source), parsed.GetRequiredValue(destination));
            using (var progress = new LiveLine<ConversionProgress>(parsed, Show))
            {
                var options = new ConversionOptions
                {
                    Dtype = parsed.GetValue(dtype) is { } name ? ModelOptions.ElementTypes[name] : null,
                    AllowNonfinite = parsed.GetValue(allowNonfinite),
                };
                try
                {
                    Conversion.Run(from, to, options, progress, cancellation);
                }
                catch (OperationCanceledException)
                {
                    parsed.InvocationConfiguration.Error.WriteLine("stopped; nothing was written");
                    return Task.FromResult(CommandLine.Interrupted);
                }
            }

            parsed.InvocationConfiguration.Output.WriteLine($"wrote {to}");
            return Task.FromResult(0);
        });
        return command;
    }

    private static string Show(ConversionProgress value) =>
        $"{100.0 * value.Done / value.Total:F1} %  {value.Done / Mebibyte:N0} of {value.Total / Mebibyte:N0} MiB  "
        + $"{value.Rate / Mebibyte:N0} MiB a second  {value.Left:hh\\:mm\\:ss} left";
}
