using System.CommandLine;

namespace Logitscope.Cli.Commands;

/// <summary>A prompt on the command line: a text, or ids, which never get a BOS.</summary>
/// <param name="text">Name of the option that takes the text.</param>
/// <param name="ids">Name of the option that takes ids.</param>
/// <param name="what">What the prompt is for.</param>
internal sealed class PromptArguments(string text, string ids, string what)
{
    /// <summary>How help calls a text, which alone of all values may be empty.</summary>
    public const string Text = "TEXT";

    private readonly Option<string?> _text = new(text)
    {
        Description = $"{what} as a text; a BOS is put in front unless --no-bos is given.",
        HelpName = Text,
    };

    private readonly Option<string?> _ids = new(ids)
    {
        Description = $"{what} as token ids, taken as they are.",
        HelpName = "1,2,3",
    };

    /// <summary>Leaves the BOS away. One option for all prompts of a verb.</summary>
    public static Option<bool> NoBos() => new("--no-bos") { Description = "Put no BOS in front of a text." };

    /// <summary>Adds the options to a verb, which must get exactly one of them.</summary>
    public void AddTo(Command command)
    {
        command.Add(_text);
        command.Add(_ids);
        command.Validators.Add(result =>
        {
            if ((result.GetResult(_text) is null) == (result.GetResult(_ids) is null))
            {
                result.AddError($"expected one of {text} and {ids}");
            }
        });
    }

    /// <summary>The prompt as a model sees it.</summary>
    public Prompt Read(ParseResult parsed, LanguageModel model, Option<bool> noBos)
    {
        var prompt = parsed.GetValue(_ids) is { } list
            ? model.FromIds(IdList.Parse(ids, list))
            : model.Encode(parsed.GetValue(_text)!, parsed.GetValue(noBos) ? Bos.Never : Bos.Always);
        return prompt.Count > 0 ? prompt : throw new LogitscopeException($"{text}: expected tokens, got none");
    }
}
