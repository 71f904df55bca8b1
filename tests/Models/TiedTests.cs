using Logitscope.Tests.Checkpoints;
using TorchSharp;
using static Logitscope.Tests.Models.TinyModel;
using static TorchSharp.torch;

namespace Logitscope.Tests.Models;

/// <summary>
/// Embedding and unembedding, tied or not, stored both or one: what transformers 5 does. The expected numbers are those of
/// the untied model with that head.
/// </summary>
public sealed class TiedTests : IDisposable
{
    private static readonly Dictionary<string, (string Table, string Head)> s_names = new()
    {
        ["gptj/partial-rotary"] = ("transformer.wte.weight", "lm_head.weight"),
        ["gpt2/with-prefix"] = ("transformer.wte.weight", "lm_head.weight"),
        ["gpt2/without-prefix"] = ("wte.weight", "lm_head.weight"),
        ["llama/grouped"] = ("model.embed_tokens.weight", "lm_head.weight"),
        ["gpt_neox/parallel"] = ("gpt_neox.embed_in.weight", "embed_out.weight"),
    };

    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<string> Fixtures() => [.. s_names.Keys];

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void An_untied_head_is_read_and_must_be_there(string fixture)
    {
        var own = Logits(fixture, tied: false, storesTable: true, head: Head.Other);
        Assert.NotEqual(own, Logits(fixture, tied: false, storesTable: true, head: Head.Same));
        Refused(fixture, tied: false, storesTable: true, Head.None, s_names[fixture].Head);
        Refused(fixture, tied: false, storesTable: false, Head.Other, s_names[fixture].Table);
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void A_tied_head_is_the_table_unless_it_is_stored_with_other_numbers(string fixture)
    {
        var same = Logits(fixture, tied: false, storesTable: true, Head.Same);
        var other = Logits(fixture, tied: false, storesTable: true, Head.Other);
        Assert.Equal(same, Logits(fixture, tied: true, storesTable: true, Head.None));
        Assert.Equal(same, Logits(fixture, tied: true, storesTable: true, Head.Same));
        Assert.Equal(same, Logits(fixture, tied: true, storesTable: false, Head.Same));
        Assert.Equal(other, Logits(fixture, tied: true, storesTable: true, Head.Other));
        Refused(fixture, tied: true, storesTable: false, Head.None, s_names[fixture].Table);
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void A_table_that_is_stored_twice_is_in_memory_once(string fixture)
    {
        Write(fixture, tied: true, storesTable: true, Head.Same);
        using var twice = LanguageModel.Load(_folder.Path);
        Write(fixture, tied: true, storesTable: true, Head.None);
        using var once = LanguageModel.Load(_folder.Path);
        Assert.Equal(once.Fingerprint, twice.Fingerprint);
        Assert.Equal(once.ParameterCount, twice.ParameterCount);
        Write(fixture, tied: true, storesTable: true, Head.Other);
        using var untied = LanguageModel.Load(_folder.Path);
        Assert.NotEqual(once.Fingerprint, untied.Fingerprint);
    }

    [Fact]
    public void GPT2_is_tied_where_its_configuration_does_not_say_and_the_others_are_not()
    {
        foreach (var fixture in s_names.Keys)
        {
            var (config, tensors) = Changed(fixture, tied: true, storesTable: true, Head.None);
            config.Remove("tie_word_embeddings");
            _folder.Write(config, tensors);
            if (fixture.StartsWith("gpt2", StringComparison.Ordinal))
            {
                LanguageModel.Load(_folder.Path).Dispose();
            }
            else
            {
                Says(Assert.Throws<CheckpointException>(() => LanguageModel.Load(_folder.Path)), s_names[fixture].Head);
            }
        }
    }

    private static (System.Text.Json.Nodes.JsonObject Config, Dictionary<string, Tensor> Tensors) Changed(
        string fixture, bool tied, bool storesTable, Head head)
    {
        var (config, tensors) = ModelFiles.Of(fixture);
        var (table, unembedding) = s_names[fixture];
        config["tie_word_embeddings"] = tied;
        tensors.Remove(unembedding);
        if (head != Head.None)
        {
            tensors[unembedding] = head == Head.Same ? tensors[table] : tensors[table].flip(0);
        }

        if (!storesTable)
        {
            tensors.Remove(table);
        }

        return (config, tensors);
    }

    private void Write(string fixture, bool tied, bool storesTable, Head head)
    {
        var (config, tensors) = Changed(fixture, tied, storesTable, head);
        _folder.Write(config, tensors);
    }

    private double[] Logits(string fixture, bool tied, bool storesTable, Head head)
    {
        Write(fixture, tied, storesTable, head);
        using var model = LanguageModel.Load(_folder.Path, new() { Dtype = float64 });
        using var run = model.Forward(model.Tensor(1, 5, 9, 2));
        return run.Logits.data<double>().ToArray();
    }

    private void Refused(string fixture, bool tied, bool storesTable, Head head, string name)
    {
        Write(fixture, tied, storesTable, head);
        Says(Assert.Throws<CheckpointException>(() => LanguageModel.Load(_folder.Path)), $"expected a tensor '{name}'");
    }

    private enum Head
    {
        None,
        Same,
        Other,
    }
}
