namespace Logitscope.Charts;

/// <summary>A prediction with a place in a heat map.</summary>
internal interface IReading
{
    Prediction Prediction { get; }

    double? Value { get; }
}
