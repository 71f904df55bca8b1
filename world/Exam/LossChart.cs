using System.Text.Json;

namespace Logitscope.World;

/// <summary>A training's losses as a curve: means over a hundredth of the steps.</summary>
internal static class LossChart
{
    private const int Points = 100;

    /// <summary>Draws the losses that <see cref="Trainer"/> left in a model's folder.</summary>
    /// <exception cref="LogitscopeException">The file is broken or empty.</exception>
    /// <exception cref="IOException">The file is absent.</exception>
    public static CurveFigure Draw(string folder)
    {
        var path = Path.Combine(folder, Trainer.LossFile);
        var losses = File.ReadLines(path).Select((line, i) => Parse(line, $"{path}, line {i + 1}")).ToArray();
        if (losses.Length == 0)
        {
            throw new LogitscopeException($"{path}: expected a loss, got none");
        }

        var (steps, width) = (losses.Length, Math.Max(1, losses.Length / Points));
        var means = losses.Chunk(width).Select((chunk, i) => (Step: i * width, Mean: new Sample(chunk).Student())).ToArray();
        var highest = means.Max(point => point.Mean.Mean);
        return new CurveFigure
        {
            Title = "Loss of the training",
            Subtitle = $"{steps:N0} steps; each point is the mean of {width}, with its 95 % interval",
            X = new Axis("step", 0, steps, Axis.StepFor(steps, 10)),
            Y = new Axis("loss (nats a token)", 0, highest * 1.03, Axis.StepFor(highest, 8)),
            Curves =
            [
                new Curve("training text", new LineLook("#1f77b4", Dash.Solid),
                [
                    .. means.Select(point => new CurvePoint(
                        point.Step, point.Mean, $"{point.Mean.Mean:F3} nats")),
                ]),
            ],
            Data = Table.Of(means, ("step", point => point.Step), ("loss_nats", point => point.Mean.Mean)),
        };
    }

    private static double Parse(string line, string where)
    {
        try
        {
            using var row = JsonDocument.Parse(line);
            return row.RootElement.GetProperty("loss").GetDouble();
        }
        catch (Exception error)
            when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new LogitscopeException($"{where}: expected an object with a number \"loss\"", error);
        }
    }
}
