using Logitscope.Tests.Golden;

namespace Logitscope.Tests.Cli;

/// <summary>Wrong input gets one line, exit code 1 and no stack trace.</summary>
public sealed class BadInputTests : IDisposable
{
    private static readonly string s_numbers = GoldenModel.FolderOf("gptj/partial-rotary");
    private static readonly string[] s_patch =
        ["patch", "--model", s_numbers, "--source-ids", "1,2", "--target-ids", "3,4", "--target-layer", "1", "--target-position", "1"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_unknown_verb() => (await Outcome.Of("focus")).FailedWith("unknown word 'focus'");

    [Fact]
    public async Task An_unknown_option_is_not_taken_for_a_model() =>
        (await Outcome.Of("inspect", "--modle")).FailedWith("unknown word '--modle'");

    [Fact]
    public async Task An_unknown_option() =>
        (await Outcome.Of("inspect", "--modle", "x")).FailedWith("unknown word '--modle'");

    [Fact]
    public async Task A_missing_option() => (await Outcome.Of("tokenize")).FailedWith("--text");

    [Fact]
    public async Task Text_and_ids_at_once() =>
        (await Outcome.Of("generate", "--text", "a", "--ids", "1")).FailedWith("expected one of --text and --ids");

    [Fact]
    public async Task A_folder_that_is_not_there() =>
        (await Outcome.Of("inspect", "--model", "/no/such/folder")).FailedWith("/no/such/folder");

    [Fact]
    public async Task A_corrupt_config()
    {
        _folder.Write("config.json", "{\"model_type\": ");
        (await Outcome.Of("inspect", "--model", _folder.Path)).FailedWith("not valid JSON");
    }

    [Fact]
    public async Task A_dtype_that_is_not_known() =>
        (await Outcome.Of("inspect", "--dtype", "int4")).FailedWith("int4");

    [Fact]
    public async Task A_device_that_is_not_known() =>
        (await Outcome.Of("inspect", "--device", "tpu")).FailedWith("expected cpu, cuda or cuda:N");

    [Fact]
    public async Task Ids_that_are_no_numbers() =>
        (await Outcome.Of("generate", "--model", s_numbers, "--ids", "1,two")).FailedWith("got 'two'");

    [Fact]
    public async Task Ids_outside_the_vocabulary() =>
        (await Outcome.Of("generate", "--model", s_numbers, "--ids", "1,61")).FailedWith("got 61");

    [Fact]
    public async Task Text_for_a_model_without_a_tokenizer() =>
        (await Outcome.Of("generate", "--model", s_numbers, "--text", "hello")).FailedWith("no tokenizer");

    [Fact]
    public async Task More_tokens_than_the_context_holds() =>
        (await Outcome.Of("generate", "--model", s_numbers, "--ids", "1", "--max-new-tokens", "99")).FailedWith("expected 0 to 31");

    [Theory]
    [InlineData("--max-new-tokens", "-1", "got -1")]
    [InlineData("--temperature", "-1", "expected a temperature from 0")]
    public async Task A_generation_that_cannot_be(string option, string value, string words) =>
        (await Outcome.Of("generate", "--model", s_numbers, "--ids", "1", option, value)).FailedWith(words);

    [Fact]
    public async Task No_candidates() =>
        (await Outcome.Of([.. s_patch, "--source-layer", "0", "--source-position", "0", "--top", "0"])).FailedWith("at least 1");

    [Fact]
    public async Task No_documents() =>
        (await Outcome.Of("data", "atlas", "--documents", "0", "--out", _folder.PathOf("x.jsonl"))).FailedWith("at least 1");

    [Fact]
    public async Task A_GPU_that_is_not_there()
    {
        Assert.SkipWhen(TorchSharp.torch.cuda.is_available(), "there is a GPU");
        (await Outcome.Of("inspect", "--device", "cuda")).FailedWith("sees no GPU");
    }

    [Theory]
    [InlineData("--device", "cpu")]
    [InlineData("--dtype", "bfloat16")]
    public async Task TF32_where_there_is_none(string option, string value) =>
        (await Outcome.Of("inspect", "--tf32", option, value)).FailedWith("--tf32: expected --dtype float32 and --device cuda");

    [Fact]
    public async Task A_file_that_cannot_be_written() =>
        (await Outcome.Of("lens", "--model", s_numbers, "--ids", "1", "--html", "/no/such/lens.html")).FailedWith("/no/such/lens.html");

    [Theory]
    [InlineData("3", "layer: expected 0 to 2, got 3")]
    [InlineData("-1", "layer: expected 0 to 2, got -1")]
    [InlineData("one", "'one'")]
    public async Task A_wrong_layer(string layer, string words) =>
        (await Outcome.Of([.. s_patch, "--source-layer", layer, "--source-position", "0"])).FailedWith(words);

    [Theory]
    [InlineData("2")]
    [InlineData("-3")]
    public async Task A_wrong_position(string position) =>
        (await Outcome.Of([.. s_patch, "--source-layer", "0", "--source-position", position])).FailedWith($"got {position}");

    [Fact]
    public async Task Models_of_different_width() =>
        (await Outcome.Of(
            [
                .. s_patch, "--source-layer", "0", "--source-position", "0",
                "--target-model", GoldenModel.FolderOf("gptj/full-rotary"),
            ]))
        .FailedWith("expected 40 numbers, got 48");

    [Fact]
    public async Task An_empty_jsonl() => await Sweep(string.Empty, "data.jsonl");

    [Fact]
    public async Task A_row_that_is_no_row() => await Sweep("{\"words\": 1}\n", "data.jsonl', line 1");

    [Fact]
    public async Task A_data_file_that_is_not_there() =>
        (await Outcome.Of("sweep", "--model", s_numbers, "--data", "/no/data.jsonl", "--out", _folder.Path)).FailedWith("/no/data.jsonl");

    [Fact]
    public async Task A_method_that_is_not_known() =>
        (await Outcome.Of("sweep", "--model", s_numbers, "--data", Data("{\"ids\":[1]}\n"), "--out", Out, "--methods", "lens"))
        .FailedWith("expected one of logit-lens");

    [Fact]
    public async Task A_method_twice() =>
        (await Outcome.Of("sweep", "--model", s_numbers, "--data", Data("{\"ids\":[1]}\n"), "--out", Out, "--methods", "logit-lens,logit-lens"))
        .FailedWith("expected each once");

    [Fact]
    public async Task A_target_for_a_method_that_has_none() =>
        (await Outcome.Of(
            "sweep", "--model", s_numbers, "--data", Data("{\"ids\":[1]}\n"), "--out", Out, "--methods", "logit-lens",
            "--target-ids", "logit-lens=1"))
        .FailedWith("has no target prompt");

    [Fact]
    public async Task A_batch_of_none() =>
        (await Outcome.Of("sweep", "--model", s_numbers, "--data", Data("{\"ids\":[1]}\n"), "--out", Out, "--methods", "logit-lens", "--batch", "0"))
        .FailedWith("a batch of at least 1");

    [Fact]
    public async Task A_notebook_that_is_not_there() =>
        Assert.Equal(1, (await Outcome.Of("run", "/no/such.ipynb", "--out", Out)).Code);

    [Fact]
    public async Task A_recipe_with_an_unknown_field()
    {
        var recipe = _folder.Write("recipe.json", "{\"sede\": 1}");
        (await Outcome.Of("train", "--recipe", recipe, "--out", Out)).FailedWith("not a recipe");
    }

    private string Out => _folder.PathOf("out");

    private async Task Sweep(string content, string words) =>
        (await Outcome.Of("sweep", "--model", s_numbers, "--data", Data(content), "--methods", "logit-lens", "--out", Out))
        .FailedWith(words);

    private string Data(string content) => _folder.Write("data.jsonl", content);
}
