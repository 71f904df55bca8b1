namespace Logitscope.World;

/// <summary>A checkpoint of a training run: one file, whole or not there.</summary>
/// <param name="path">The file.</param>
internal sealed class TrainingState(string path)
{
    private const string StepKey = "step";

    /// <summary>Takes up an earlier run where there is one.</summary>
    /// <returns>Steps done.</returns>
    public int Restore(LanguageModel model, ModelOptimizer optimizer)
    {
        if (!File.Exists(path))
        {
            return 0;
        }

        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var file = SafetensorsFile.Open(path);
        foreach (var (name, value) in All(model, optimizer))
        {
            value.copy_(file.Read(name, value.shape));
        }

        var steps = (int)file.Read(StepKey).ToInt64();
        optimizer.Resume(steps);
        return steps;
    }

    /// <summary>Stores the run after a number of steps.</summary>
    public void Save(int step, LanguageModel model, ModelOptimizer optimizer)
    {
        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(path, [(StepKey, tensor([(long)step])), .. All(model, optimizer)]);
    }

    /// <summary>Removes the checkpoint of a finished run.</summary>
    public void Delete() => File.Delete(path);

    private static IEnumerable<(string Name, Tensor Value)> All(LanguageModel model, ModelOptimizer optimizer) =>
        model.Weights.Select(pair => (pair.Key, pair.Value)).Concat(optimizer.Moments);
}
