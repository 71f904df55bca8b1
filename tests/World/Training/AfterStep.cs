using Logitscope.World;

namespace Logitscope.Tests.World;

/// <summary>Does something after a step of a training.</summary>
internal sealed class AfterStep(int step, Action act) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value)
    {
        if (value.Step == step)
        {
            act();
        }
    }
}
