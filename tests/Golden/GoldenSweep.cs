using System.Text.Json.Serialization;

namespace Logitscope.Tests.Golden;

/// <summary>The content of sweep.json.</summary>
internal sealed record GoldenSweep(
    int[] TokenIdentityIds, int[] LogitscopeIds, GoldenSweep.Prompt[] Prompts, GoldenSweep.Cell[] Cells)
{
    internal sealed record Prompt(int[] Ids, int Position);

    internal sealed record Cell(
        string Method,
        int Layer,
        [property: JsonPropertyName("prompt")] int PromptNumber,
        int Target,
        int Predicted,
        [property: JsonPropertyName("precision_at_1")] int PrecisionAt1,
        double Surprisal,
        double SurprisalPaper,
        double Kl,
        int Rank,
        double Margin)
    {
        public void Agrees(NextTokenScore got)
        {
            var cell = $"{Method}, layer {Layer}, prompt {PromptNumber}";
            Assert.True(
                (Target, Predicted, PrecisionAt1, Rank) == (got.Target, got.Predicted, got.PrecisionAt1, got.Rank),
                $"{cell}: expected {this}, got {got}");
            Close(Surprisal, got.Surprisal, nameof(Surprisal));
            Close(SurprisalPaper, got.SurprisalPaper, nameof(SurprisalPaper));
            Close(Kl, got.Kl, nameof(Kl));
            Close(Margin, got.Margin, nameof(Margin));

            void Close(double expected, double actual, string metric) => Assert.True(
                Math.Abs(expected - actual) <= 1e-9 * Math.Max(1, Math.Abs(expected)),
                $"{cell}: {metric}: expected {expected:R}, got {actual:R}");
        }
    }
}
