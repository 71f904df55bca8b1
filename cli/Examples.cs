using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace Logitscope.Cli;

/// <summary>An example behind the help of each verb.</summary>
internal sealed class Examples(HelpAction help) : SynchronousCommandLineAction
{
    /// <summary>What follows the program's name, by verb.</summary>
    public static IReadOnlyDictionary<string, string> ByVerb { get; } = new Dictionary<string, string>
    {
        ["inspect"] = "inspect data/tiny-gptj",
        ["convert"] = "convert models/gpt-j-6b-float16 models/gpt-j-6b-bf16 --dtype bfloat16",
        ["tokenize"] = "tokenize --text \"The capital of France is\"",
        ["logits"] = "logits --text \"The capital of France is\" --keep attn_out,mlp_out --out run.safetensors",
        ["generate"] = "generate --text \"The capital of Poland is\" --max-new-tokens 8",
        ["patch"] = "patch --source \"The capital of France is\" --source-layer 5 --source-position -1 --target \"?\" --target-layer 5 --target-position -1",
        ["lens"] = "lens --text \"The capital of France is\" --method logitscope --html lens.html",
        ["explore"] = "explore --port 8080",
        ["trace"] = "trace --text \"The capital of France is\" --subject France --site mlp_out --window 3",
        ["knockout"] = "knockout --text \"The capital of France is\" --query -1 --keys 4 --window 3",
        ["stages"] = "stages --text \"The capital of Poland is\" --argument \" Poland\"",
        ["lre"] = "lre --relation country.capital",
        ["probe"] = "probe --relation person.country --context \"They spoke of {}\"",
        ["extract"] = "extract --relation country.currency",
        ["describe"] = "describe --entity \"Frida Kahlo\"",
        ["across"] = "across --model data/tiny-gptj-small",
        ["multihop"] = "multihop --limit 60",
        ["fit"] = "fit tuned-lens --data data/prompts.jsonl --out out/tuned",
        ["sweep"] = "sweep --data data/prompts.jsonl --limit 50 --out out/first",
        ["merge"] = "merge out/sweep",
        ["compare"] = "compare out/first out/second --out compare.html",
        ["page"] = "page out/notebooks/03_layer_sweep.ipynb --out pages",
        ["download"] = "download EleutherAI/gpt-j-6b --revision float16",
        ["data"] = "data pile --limit 2000",
        ["data atlas"] = "data atlas --kind prompts --out prompts.jsonl",
        ["data pile"] = "data pile --limit 2000",
        ["train"] = "train --recipe data/tiny-gptj/recipe.json --out out/model",
        ["eval"] = "eval atlas --model data/tiny-gptj",
        ["eval atlas"] = "eval atlas --model data/tiny-gptj",
        ["doctor"] = "doctor",
    };

    /// <summary>Puts the examples behind the help of all verbs.</summary>
    public static RootCommand AddTo(RootCommand root)
    {
        var option = root.Options.OfType<HelpOption>().Single();
        option.Action = new Examples((HelpAction)option.Action!);
        return root;
    }

    /// <inheritdoc/>
    public override bool ClearsParseErrors => help.ClearsParseErrors;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        var code = help.Invoke(parseResult);
        var path = new List<string>();
        for (SymbolResult? at = parseResult.CommandResult; at is CommandResult { Command: not RootCommand } verb; at = verb.Parent)
        {
            path.Insert(0, verb.Command.Name);
        }

        if (ByVerb.TryGetValue(string.Join(' ', path), out var example))
        {
            parseResult.InvocationConfiguration.Output.WriteLine($"Example:\n  logitscope {example}\n");
        }

        return code;
    }
}
