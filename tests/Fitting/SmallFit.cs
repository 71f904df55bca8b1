using Logitscope.Tests.Models;

namespace Logitscope.Tests.Fitting;

/// <summary>Random prompts for models that load in milliseconds.</summary>
internal static class SmallFit
{
    public static Example[] Examples(LanguageModel model, int count, int length = 12) =>
        [.. Enumerable.Range(0, count).Select(i => new Example($"{i}", null, model.RandomIds(length - (i % 5), seed: i)))];

    public static FitData Data(LanguageModel model, int count = 40, FitDataOptions? options = null) => new(model, Examples(model, count), options);
}
