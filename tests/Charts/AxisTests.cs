using FsCheck;
using FsCheck.Fluent;

namespace Logitscope.Tests.Charts;

public class AxisTests
{
    [Theory]
    [InlineData(3, 3, .5)]
    [InlineData(0, 0, .2)]
    [InlineData(-2, 10, 2)]
    public void An_axis_over_numbers_holds_them_with_ticks(double low, double high, double step)
    {
        var axis = Axis.Over("x", [high, low]);

        Assert.True(axis.Min < low && axis.Max > high);
        Assert.NotEmpty(axis.Ticks());
        Assert.Equal(step, axis.Step, 1e-12);
    }

    [Fact]
    public void An_axis_over_what_is_not_finite_is_refused() => Assert.Equal(
        "An axis holds finite numbers, got Infinity of 'x'.",
        Assert.Throws<ChartException>(() => Axis.Over("x", [1, double.PositiveInfinity])).Message);

    [Theory]
    [InlineData(1, 6, .2)]
    [InlineData(8.977, 6, 2)]
    [InlineData(28, 15, 2)]
    [InlineData(12, 15, 1)]
    [InlineData(96, 15, 10)]
    [InlineData(.003, 5, .001)]
    public void A_step_is_one_two_or_five_times_a_power_of_ten(double span, int parts, double step) =>
        Assert.Equal(step, Axis.StepFor(span, parts), 12);

    [Fact]
    public void A_step_never_cuts_into_more_parts_than_asked_nor_into_fewer_than_a_fifth() =>
        Prop.ForAll<PositiveInt, PositiveInt>((a, b) =>
        {
            var parts = 1 + b.Get % 20;
            var cuts = a.Get / 7.0 / Axis.StepFor(a.Get / 7.0, parts);
            return cuts <= parts * (1 + 1e-9) && cuts >= parts / 5.0;
        }).Holds();

    [Fact]
    public void Ticks_are_the_multiples_inside() =>
        Assert.Equal([-2, -1, 0, 1, 2], new Axis("x", -2.5, 2.5, 1).Ticks());

    [Fact]
    public void A_tick_at_the_end_survives_rounding() => Assert.Equal(4, new Axis("x", 0, .3, .1).Ticks().Count());
}
