namespace Logitscope;

/// <summary>
/// Names beside their lines: each nearer to its own than to any other, and clear of all lines, names and the frame. Where one
/// has no such place, as where many lines run together, none is drawn, and the legend says them all.
/// </summary>
/// <param name="X">Where the name begins.</param>
/// <param name="Baseline">Where it stands.</param>
/// <param name="Curve">The line.</param>
internal sealed record DirectLabel(double X, double Baseline, Curve Curve)
{
    private const double Height = Theme.TextSize;
    private const double Gap = 6;
    private const int MostLines = 6;

    public double Width => TextWidth.Of(Label.Printable(Curve.Name), Theme.TextSize);

    /// <summary>Finds the places.</summary>
    /// <param name="lines">The points of each line, in pixels, from left to right.</param>
    /// <param name="frame">What names stay within, in pixels.</param>
    /// <returns>A name a line, or none.</returns>
    public static IReadOnlyList<DirectLabel> Place(IReadOnlyList<(Curve Curve, (double X, double Y)[] Points)> lines, Box frame)
    {
        if (lines.Count is < 2 or > MostLines || lines.Any(line => line.Curve.Look.Dash == Dash.None || line.Points.Length < 2))
        {
            return [];
        }

        // The line with the fewest places chooses first.
        var free = lines.Select(line => (line.Curve, Places: Places(line, lines, frame).ToArray())).OrderBy(line => line.Places.Length);
        var placed = new List<(Curve Curve, Box Box)>();
        foreach (var (curve, places) in free)
        {
            var left = places.Where(place => !placed.Any(other => other.Box.Meets(place.Box))).ToArray();
            if (left.Length == 0)
            {
                return [];
            }

            placed.Add((curve, left.MaxBy(place => place.Clearance).Box));
        }

        return [.. placed.Select(label => new DirectLabel(label.Box.Left, label.Box.Bottom - (0.2 * Height), label.Curve))];
    }

    private static IEnumerable<(Box Box, double Clearance)> Places(
        (Curve Curve, (double X, double Y)[] Points) line, IReadOnlyList<(Curve Curve, (double X, double Y)[] Points)> lines, Box frame)
    {
        var width = new DirectLabel(0, 0, line.Curve).Width;
        foreach (var (x, y) in line.Points.Concat(line.Points.Zip(line.Points.Skip(1), (a, b) => ((a.X + b.X) / 2, (a.Y + b.Y) / 2))))
        {
            double[] lefts = [x - width - Gap, x - (width / 2), x + Gap];
            double[] tops = [y - Height - Gap, y + Gap];
            foreach (var box in lefts.SelectMany(left => tops.Select(top => new Box(left, top, left + width, top + Height))))
            {
                var own = box.DistanceTo(line.Points);
                var other = lines.Where(one => one.Curve != line.Curve).Min(one => box.DistanceTo(one.Points));
                if (frame.Holds(box) && own > 2 && other > 2 * own)
                {
                    yield return (box, Math.Min(other, 5 * Height) - own);
                }
            }
        }
    }
}

/// <summary>A rectangle, y downwards.</summary>
internal sealed record Box(double Left, double Top, double Right, double Bottom)
{
    public bool Meets(Box other) => Left < other.Right && other.Left < Right && Top < other.Bottom && other.Top < Bottom;

    public bool Holds(Box other) => Left <= other.Left && other.Right <= Right && Top <= other.Top && other.Bottom <= Bottom;

    /// <summary>How far the nearest place of a line is; 0 where it runs through.</summary>
    public double DistanceTo((double X, double Y)[] points) => points.Zip(points.Skip(1)).Min(segment => DistanceTo(segment.First, segment.Second));

    private double DistanceTo((double X, double Y) from, (double X, double Y) to)
    {
        if (IsCrossed(from, to))
        {
            return 0;
        }

        // Apart, the nearest place is at an end of the segment or at a corner.
        var (dx, dy) = (to.X - from.X, to.Y - from.Y);
        var nearest = Math.Min(DistanceTo(from), DistanceTo(to));
        foreach (var (x, y) in ((double X, double Y)[])[(Left, Top), (Right, Top), (Left, Bottom), (Right, Bottom)])
        {
            var along = Math.Clamp((((x - from.X) * dx) + ((y - from.Y) * dy)) / Math.Max(1e-9, (dx * dx) + (dy * dy)), 0, 1);
            nearest = Math.Min(nearest, double.Hypot(from.X + (along * dx) - x, from.Y + (along * dy) - y));
        }

        return nearest;
    }

    private double DistanceTo((double X, double Y) point) => double.Hypot(
        Math.Max(0, Math.Max(Left - point.X, point.X - Right)), Math.Max(0, Math.Max(Top - point.Y, point.Y - Bottom)));

    // Liang and Barsky: the part of the segment that is left of the right side, right of the left side, and so on, is not empty.
    private bool IsCrossed((double X, double Y) from, (double X, double Y) to)
    {
        var (enter, leave) = (0.0, 1.0);
        var (dx, dy) = (to.X - from.X, to.Y - from.Y);
        foreach (var (slope, room) in ((double, double)[])[(-dx, from.X - Left), (dx, Right - from.X), (-dy, from.Y - Top), (dy, Bottom - from.Y)])
        {
            if (slope == 0 && room < 0)
            {
                return false;
            }

            (enter, leave) = slope < 0 ? (Math.Max(enter, room / slope), leave) : slope > 0 ? (enter, Math.Min(leave, room / slope)) : (enter, leave);
        }

        return enter <= leave;
    }
}
