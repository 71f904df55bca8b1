using System.Globalization;

namespace Logitscope.Tests;

/// <summary>A machine whose numbers and dates look like nothing that a file may hold, until disposed.</summary>
internal sealed class Culture : IDisposable
{
    private readonly CultureInfo _before = CultureInfo.CurrentCulture;

    public Culture() => CultureInfo.CurrentCulture = Hostile;

    /// <summary>Invariant globalization has no other cultures, but it has clones.</summary>
    public static CultureInfo Hostile { get; } = Make();

    public void Dispose() => CultureInfo.CurrentCulture = _before;

    private static CultureInfo Make()
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        var number = culture.NumberFormat;
        (number.NumberDecimalSeparator, number.NumberGroupSeparator) = (",", ".");
        (number.PercentDecimalSeparator, number.PercentGroupSeparator) = (",", ".");
        (number.CurrencyDecimalSeparator, number.CurrencyGroupSeparator) = (",", ".");
        (number.NegativeSign, number.PositiveSign) = ("minus", "plus");
        (number.NaNSymbol, number.PositiveInfinitySymbol, number.NegativeInfinitySymbol) = ("keine Zahl", "unendlich", "minus unendlich");
        number.NumberGroupSizes = [4];
        var date = culture.DateTimeFormat;
        (date.DateSeparator, date.TimeSeparator, date.ShortDatePattern, date.LongTimePattern) = (".", "h", "dd/MM/yyyy", "HH:mm:ss");
        return culture;
    }
}
