namespace Logitscope.Tests.Sweeps;

/// <summary>Hears of progress at once, on the thread of the sweep.</summary>
internal sealed class Listener(Action<SweepProgress> heard) : IProgress<SweepProgress>
{
    public void Report(SweepProgress value) => heard(value);
}
