using System.Text.Json;
using Microsoft.ML.Tokenizers;
using static Logitscope.Tests.Models.TinyModel;
using static TorchSharp.torch;

namespace Logitscope.Tests.Models;

/// <summary>A model takes any tokenizer, and tells a token that it has no row for.</summary>
public sealed class TokenizerOptionTests : IDisposable
{
    private const string Text = "The capital of France is";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_tokenizer_of_the_package_reads_the_embedded_model_as_its_own_does()
    {
        using var model = LanguageModel.Load();
        using var other = LanguageModel.Load(options: new() { Tokenizer = Theirs(EmbeddedModel.Folder) });
        Assert.Equal(model.Encode(Text).Tokens, other.Encode(Text).Tokens);
        Assert.Equal(model.LogitLens(Text).ToText(), other.LogitLens(Text).ToText());
        Assert.Equal(Patched(model), Patched(other));
        var ids = model.Generate(model.Encode(Text).Ids, new() { MaxNewTokens = 8 });
        Assert.Equal(model.Tokenizer.Decode(ids), other.Tokenizer.Decode(ids));

        static object Patched(LanguageModel model)
        {
            var result = new Patchscope(
                new Source(model, Text, layer: 5, position: ^1), new Target(model, "?", layer: 5, position: ^1) { MaxNewTokens = 4 }).Run();
            return (result.GeneratedText, string.Join('|', result.Next.Top(5)));
        }
    }

    [Fact]
    public void Its_ids_beyond_the_models_rows_are_told()
    {
        using var own = WithTokenizer(_folder);
        using var model = LanguageModel.Load(options: new() { Tokenizer = new Shifted(4096) });
        var error = Assert.Throws<ModelException>(() => model.Encode("ab", Bos.Never));
        Says(error, "prompt of 'ab': expected ids below 4096, the model's rows, got 4193", "at position 0");
    }

    [Fact]
    public void A_token_added_beyond_the_head_is_told_by_every_entry()
    {
        using var model = WithTokenizer(_folder);
        var rows = model.VocabularySize;
        _folder.Write("added_tokens.json", JsonSerializer.Serialize(new Dictionary<string, int> { ["[PAD]"] = rows }));
        Assert.Equal(rows + 1, model.Tokenizer.VocabularySize);
        string[] says = ["'The [PAD]'", $"expected ids below {rows}", $"got {rows} ([PAD])", "position 3"];
        Says(Refused(() => model.Encode("The [PAD]")), says);
        Says(Refused(() => model.LogitLens("The [PAD]")), says);
        Says(Refused(() => new Source(model, "The [PAD]", 0, ^1)), says);
        Says(Refused(() => new Target(model, "The [PAD]", 0, ^1)), says);
        Says(Refused(() => new TargetPrompt("The [PAD]").For(model)), says);
        Says(Refused(() => model.FromIds([1, rows])), $"prompt of '1 {rows}'", $"got {rows} ([PAD])", "position 1");
        Says(Refused(() => new SweepPlan(model, [new("mine", "The [PAD]", null)], new())), [.. says, "prompt mine"]);

        // A prompt that another hand made, or bare ids.
        var prompt = model.Tokenizer.Encode("The [PAD]");
        string[] bare = [$"expected 0 to {rows - 1}, the model's rows, got {rows}"];
        Says(Refused(() => model.LogitLens(prompt)), bare);
        Says(Refused(() => model.Forward(prompt.ToTensor())), [.. bare, "[0, 3]"]);
        Says(Refused(() => model.Generate(prompt.Ids, new())), bare);
        var fine = model.Encode("The");
        Says(Refused(() => new Patchscope(new(model, prompt, 0, ^1), new(model, fine, 0, ^1)).Run()), bare);
        Says(Refused(() => new Patchscope(new(model, fine, 0, ^1), new(model, prompt, 0, ^1)).Run()), bare);
        Says(Refused(() => model.Forward(tensor([0L, -1L], [2, 1]))), "got -1 at [1, 0]");
        Says(Refused(() => model.Forward(tensor([0, 1], [2, 1]))), "expected Int64, got Int32");

        static ModelException Refused(Func<object> run) => Assert.Throws<ModelException>(() => { _ = run(); });
    }

    private static Microsoft.ML.Tokenizers.BpeTokenizer Theirs(string folder) =>
        Microsoft.ML.Tokenizers.BpeTokenizer.Create(new BpeOptions(Path.Combine(folder, "vocab.json"), Path.Combine(folder, "merges.txt"))
        {
            ByteLevel = true,
            PreTokenizer = Logitscope.ModelTokenizer.Load(folder).PreTokenizer,
        });

    /// <summary>Ids that begin where those of the model end.</summary>
    private sealed class Shifted(int rows) : Microsoft.ML.Tokenizers.Tokenizer
    {
        public override System.Buffers.OperationStatus Decode(
            IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten)
        {
            (idsConsumed, charsWritten) = (ids.Count(), 0);
            return System.Buffers.OperationStatus.Done;
        }

        protected override EncodeResults<EncodedToken> EncodeToTokens(
            string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings) => new()
            {
                Tokens = [.. (text ?? textSpan.ToString()).Select((letter, i) => new EncodedToken(rows + letter, $"{letter}", i..(i + 1)))],
            };
    }
}
