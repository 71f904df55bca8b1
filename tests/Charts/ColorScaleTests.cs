using FsCheck.Fluent;

namespace Logitscope.Tests.Charts;

public class ColorScaleTests
{
    public static TheoryData<ColorScale> Scales =>
        [ColorScale.Probability(), ColorScale.Amount("entropy (nats)", 10), ColorScale.Change("change (nats)", 2)];

    [Theory]
    [MemberData(nameof(Scales))]
    public void Ink_stands_out_from_every_colour_by_four_and_a_half_to_one(ColorScale scale)
    {
        foreach (var value in Enumerable.Range(0, 1001).Select(i => scale.Min + (scale.Max - scale.Min) * i / 1000))
        {
            double[] luminances = [Rgb.Luminance(scale.At(value)), Rgb.Luminance(scale.InkAt(value))];
            Assert.True((luminances.Max() + .05) / (luminances.Min() + .05) >= 4.5, $"{scale.Title} at {value}");
        }
    }

    [Fact]
    public void Larger_amounts_are_darker()
    {
        foreach (var scale in new[] { ColorScale.Probability(), ColorScale.Amount("entropy (nats)", 1) })
        {
            var luminances = Enumerable.Range(0, 101).Select(i => Rgb.Luminance(scale.At(i / 100.0))).ToArray();
            Assert.All(luminances.Zip(luminances.Skip(1)), pair => Assert.True(pair.First > pair.Second));
        }
    }

    [Fact]
    public void The_ends_and_the_middle_between_two_stops_are_as_computed_by_hand()
    {
        var scale = new ColorScale("x", 10, 20, ["#000000", "#64c8ff"]);

        Assert.Equal(["#000000", "#326480", "#64c8ff"], [scale.At(10), scale.At(15), scale.At(20)]);
    }

    [Fact]
    public void A_change_of_nothing_is_the_lightest()
    {
        var scale = ColorScale.Change("change", 3);

        Prop.ForAll<int>(i => Rgb.Luminance(scale.At(Math.Sin(i) * 3)) <= Rgb.Luminance(scale.At(0)))
            .Holds();
    }

    [Fact]
    public void A_rounding_above_one_is_one() =>
        Assert.Equal(ColorScale.Probability().At(1), ColorScale.Probability().At(1 + 2e-7));

    [Theory]
    [InlineData(1.01, 1)]
    [InlineData(double.PositiveInfinity, 1)]
    [InlineData(-.01, 0)]
    public void A_value_outside_has_the_colour_of_the_nearest_end(double value, double end) =>
        Assert.Equal(ColorScale.Probability().At(end), ColorScale.Probability().At(value));

    [Fact]
    public void What_is_no_number_is_an_error_that_names_the_scale() =>
        Assert.Equal("The colour scale 'probability of the top token' runs from 0 to 1, got NaN.",
            Assert.Throws<ChartException>(() => ColorScale.Probability().At(double.NaN)).Message);
}
