using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Logitscope.Cli;

/// <summary>The help, and behind it the first example that begins with the verb.</summary>
internal sealed class Examples(HelpAction help) : SynchronousCommandLineAction
{
    private static readonly string[] s_all =
    [
        "inspect data/tiny-gptj",
        "convert models/gpt-j-6b-float16 models/gpt-j-6b-bf16 --dtype bfloat16",
        "tokenize --text \"The capital of France is\"",
        "logits --text \"The capital of France is\" --keep attn_out,mlp_out --out run.safetensors",
        "generate --text \"The capital of Poland is\" --max-new-tokens 8",
        "patch --source \"The capital of France is\" --source-layer 5 --source-position -1 --target \"?\" --target-layer 5 --target-position -1",
        "lens --text \"The capital of France is\" --method logitscope --html lens.html",
        "explore --port 8080",
        "trace --text \"The capital of France is\" --subject France --site mlp_out --window 3",
        "knockout --text \"The capital of France is\" --query -1 --keys 4 --window 3",
        "stages --text \"The capital of Poland is\" --argument \" Poland\"",
        "lre --relation country.capital",
        "probe --relation person.country --context \"They spoke of {}\"",
        "extract --relation country.currency",
        "describe --entity \"Frida Kahlo\"",
        "across --model data/tiny-gptj-small",
        "multihop --limit 60",
        "fit tuned-lens --data data/prompts.jsonl --out out/tuned",
        "sweep --data data/prompts.jsonl --limit 50 --out out/first",
        "merge out/sweep",
        "compare out/first out/second --out compare.html",
        "page out/notebooks/03_layer_sweep.ipynb --out pages",
        "download EleutherAI/gpt-j-6b --revision float16",
        "data pile --limit 2000",
        "data atlas --kind prompts --out prompts.jsonl",
        "train --recipe data/tiny-gptj/recipe.json --out out/model",
        "eval atlas --model data/tiny-gptj",
        "doctor",
    ];

    /// <inheritdoc/>
    public override bool ClearsParseErrors => help.ClearsParseErrors;

    /// <summary>Puts the examples behind the help of all verbs.</summary>
    public static RootCommand AddTo(RootCommand root)
    {
        var option = root.Options.OfType<HelpOption>().Single();
        option.Action = new Examples((HelpAction)option.Action!);
        return root;
    }

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        var code = help.Invoke(parseResult);
        var verb = CommandLine.PathOf(parseResult);
        if (s_all.FirstOrDefault(example => $"logitscope {example} ".StartsWith($"{verb} ", StringComparison.Ordinal)) is { } found && verb != CommandLine.Name)
        {
            parseResult.InvocationConfiguration.Output.WriteLine($"Example:\n  logitscope {found}\n");
        }

        return code;
    }
}
