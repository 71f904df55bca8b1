using Logitscope.Tests.Models;
using static Logitscope.Tests.Models.TinyModel;

namespace Logitscope.Tests.Techniques.NextToken;

public class NextTokenTechniqueTests
{
    [Fact]
    public void The_prompts_are_the_references_to_the_letter()
    {
        Assert.Equal("cat -> cat\n1135 -> 1135\nhello -> hello\n?", NextTokenTechnique.TokenIdentity.Target.Text);
        Assert.Equal("?", NextTokenTechnique.Logitscope.Target.Text);
        Assert.Null(NextTokenTechnique.TokenIdentity.Target.Bos); // as the source prompts': always, where nobody says
        Assert.Null(NextTokenTechnique.Logitscope.Target.Bos);
    }

    [Fact]
    public void The_references_methods_come_in_its_order() => Assert.Equal(
        ["logit-lens", "token-identity", "logitscope"],
        NextTokenTechnique.Reference.Select(technique => technique.Name));

    [Fact]
    public void Every_method_is_found_by_its_name_and_a_wrong_name_lists_them()
    {
        Assert.Equal(
            NextTokenTechnique.All,
            NextTokenTechnique.All.Select(technique => NextTokenTechnique.Named(technique.Name)));
        Says(
            Assert.Throws<LogitscopeException>(() => NextTokenTechnique.Named("logitlens")),
            "logit-lens, token-identity, logitscope, logit-lens-patchscope", "'logitlens'");
    }

    [Fact]
    public void With_its_BOS_the_bare_prompt_is_two_tokens_and_both_prompts_end_in_the_one_that_is_replaced()
    {
        using var folder = new TemporaryFolder();
        using var model = WithTokenizer(folder);
        var question = Assert.Single(model.Tokenizer.EncodeToIds("?"));
        var bare = Assert.IsType<Reading.InPrompt>(NextTokenTechnique.Logitscope.ReadingOf(model, 1));
        Assert.Equal([model.Tokenizer.BosId!.Value, question], bare.Target.Ids);
        var identity = Assert.IsType<Reading.InPrompt>(NextTokenTechnique.TokenIdentity.ReadingOf(model, 1));
        Assert.Equal(question, identity.Target.Ids[^1]);
        Assert.Equal(1, identity.Target.Ids.Count(id => id == model.Tokenizer.BosId));
        Assert.Equal(NextTokenTechnique.TokenIdentity.Target.Text, model.Tokenizer.Decode(identity.Target.Ids.Skip(1)));
    }

    [Fact]
    public void A_prompts_layer_is_the_source_layer_and_the_lens_goes_to_the_last_one()
    {
        using var model = Open();
        var target = new TargetPrompt("") { Ids = [60, 3] };
        for (var layer = 0; layer < 3; layer++)
        {
            Assert.Equal(layer, InPrompt(new LogitscopeTechnique { Target = target }, layer));
            Assert.Equal(layer, InPrompt(new TokenIdentity { Target = target }, layer));
            var lens = NextTokenTechnique.LogitLensPatchscope.ReadingOf(model, layer);
            Assert.Equal(2, Assert.IsType<Reading.InSource>(lens).TargetLayer);
            Assert.IsType<Reading.Direct>(NextTokenTechnique.LogitLens.ReadingOf(model, layer));
        }

        int InPrompt(NextTokenTechnique technique, int layer) =>
            Assert.IsType<Reading.InPrompt>(technique.ReadingOf(model, layer)).TargetLayer;
    }

    [Fact]
    public void Another_site_is_part_of_the_name_and_widths_and_fits_are_checked()
    {
        var lens = NextTokenTechnique.Named("logit-lens@mlp_out");
        Assert.Equal(NextTokenTechnique.LogitLens.From(Site.MlpOut), lens);
        Assert.Equal("logit-lens@mlp_out", lens.Name);
        Assert.Same(NextTokenTechnique.LogitLens, NextTokenTechnique.LogitLens.From(Site.ResidPost));
        Assert.Contains("as wide as", Assert.Throws<LogitscopeException>(() => NextTokenTechnique.LogitLens.From(Site.Pattern)).Message);
        Assert.Contains("'mlp_out'?", Assert.Throws<LogitscopeException>(() => NextTokenTechnique.Named("logit-lens@mlp_uot")).Message);
        Assert.Throws<LogitscopeException>(() => NextTokenTechnique.Named("logit-lens@mlp_out@mlp_out"));
    }

    [Fact]
    public void Ids_by_hand_get_no_BOS_and_a_text_gets_what_is_asked()
    {
        using var folder = new TemporaryFolder();
        using var model = WithTokenizer(folder);
        var question = Assert.Single(model.Tokenizer.EncodeToIds("?"));
        Assert.Equal([7, 8, 9], new TargetPrompt("?") { Ids = [7, 8, 9] }.For(model).Ids);
        Assert.Equal([question], new TargetPrompt("?") { Bos = Bos.Never }.For(model).Ids);
        Assert.Equal([model.Tokenizer.BosId!.Value, question], new TargetPrompt("?").For(model).Ids);
    }

    [Fact]
    public void A_target_prompt_that_does_not_say_has_the_BOS_of_the_sources()
    {
        using var folder = new TemporaryFolder();
        using var model = WithTokenizer(folder);
        var question = Assert.Single(model.Tokenizer.EncodeToIds("?"));
        var bos = model.Tokenizer.BosId!.Value;
        foreach (var technique in NextTokenTechnique.All.Where(each => each is PromptTechnique { Target.Bos: null }))
        {
            Assert.Equal(bos, TargetOf(technique.WithBos(Bos.Always))[0]);
            Assert.Equal(TargetOf(technique).Skip(1), TargetOf(technique.WithBos(Bos.Never)));
            Assert.Equal(TargetOf(technique).Skip(1), TargetOf(technique.WithBos(Bos.Model)));
        }

        var own = new LogitscopeTechnique { Target = new("?") { Bos = Bos.Always } };
        Assert.Equal([bos, question], TargetOf(own.WithBos(Bos.Never)));
        Assert.Equal(NextTokenTechnique.LogitLens, NextTokenTechnique.LogitLens.WithBos(Bos.Never));

        IReadOnlyList<int> TargetOf(NextTokenTechnique technique) => ((Reading.InPrompt)technique.ReadingOf(model, 0)).Target.Ids;
    }

    [Fact]
    public void A_target_without_tokens_or_outside_the_vocabulary_is_refused()
    {
        using var model = Open();
        var text = new TargetPrompt("?");
        Says(Refused<LogitscopeException>(text with { Ids = [] }), "expected tokens, got none");
        Says(Refused<TokenizerException>(text with { Ids = [61] }), "expected 0 to 60", "got 61");
        Says(Refused<TokenizerException>(text), "no tokenizer", "gptj/partial-rotary");

        T Refused<T>(TargetPrompt target)
            where T : LogitscopeException => Assert.Throws<T>(() => target.For(model));
    }
}
