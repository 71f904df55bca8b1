namespace Logitscope;

public sealed partial record HeatFigure
{
    /// <summary>Draws a matrix, such as one head's attention pattern.</summary>
    /// <param name="values"><c>[row, column]</c> of floating-point numbers; row 0 is at the bottom.</param>
    /// <param name="rows">A label a row. Default: their numbers.</param>
    /// <param name="columns">A label a column. Default: their numbers.</param>
    /// <param name="title">What the figure shows.</param>
    /// <param name="scale">What the colours mean. Default: amounts up to the largest; changes around 0 where one is below.</param>
    /// <exception cref="ChartException">A tensor of another shape, another number of labels, or a number that is none.</exception>
    public static HeatFigure Of(
        Tensor values, IReadOnlyList<string>? rows = null, IReadOnlyList<string>? columns = null, string title = "", ColorScale? scale = null)
    {
        if (values is null || values.IsInvalid || values.Dimensions != 2 || values.NumberOfElements == 0 || !values.is_floating_point())
        {
            throw new ChartException(
                $"A heat map of a tensor needs floating-point numbers [row, column], got {TorchRuntime.Describe(values)}.");
        }

        var (height, width) = ((int)values.size(0), (int)values.size(1));
        using var scope = NewDisposeScope();
        var numbers = values.detach().to(float64, CPU).contiguous().data<double>().ToArray();
        if (numbers.Any(double.IsNaN))
        {
            throw new ChartException($"A heat map needs numbers, got NaN in row {Array.FindIndex(numbers, double.IsNaN) / width}.");
        }

        var extent = numbers.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max() is > 0 and var largest ? largest : 1;
        return new HeatFigure
        {
            Title = title,
            Rows = new("row", Labels(rows, height, "row")),
            Columns = new("column", Labels(columns, width, "column")),
            Scale = scale ?? (numbers.Min() < 0 ? ColorScale.Change("value", extent) : ColorScale.Amount("value", extent)),
            Cells =
            [
                .. numbers.Select((value, i) => new HeatCell(i % width, i / width, value, "",
                    [$"{rows?[i / width] ?? $"row {i / width}"}, {columns?[i % width] ?? $"column {i % width}"}", $"{value:g6}"])),
            ],
        };

        static IReadOnlyList<HeatLabel> Labels(IReadOnlyList<string>? given, int count, string what) =>
            given is null ? [.. Enumerable.Range(0, count).Select(i => new HeatLabel($"{i}"))]
            : given.Count == count ? [.. given.Select((label, i) => new HeatLabel(label, what == "column" ? $"{i}" : ""))]
            : throw new ChartException($"A heat map needs a label a {what}, {count} of them, got {given.Count}.");
    }
}
