using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace Logitscope.Cli.Commands;

/// <summary>
/// What values on the command line may be. A number is digits, with a sign, and with a decimal point where it need not be
/// whole: no thousands separators, no exponents, no infinity, whatever the culture.
/// </summary>
internal static class Limits
{
    /// <summary>Refuses a number below 1.</summary>
    public static Option<int> AtLeastOne(this Option<int> option) => option.Between(1, most: null);

    /// <summary>Refuses a number outside a range.</summary>
    public static Option<int> Between(this Option<int> option, int least, int? most)
    {
        option.CustomParser = result => Number<int>(result, least, most);
        return option;
    }

    /// <summary>What a shell may complete a value to; other values are taken all the same.</summary>
    public static Option<T> Completed<T>(this Option<T> option, params IEnumerable<string> values)
    {
        option.CompletionSources.Clear();
        option.CompletionSources.Add([.. values]);
        return option;
    }

    /// <summary>Has every option below a command read strictly: none can be forgotten.</summary>
    public static Command ReadStrictly(this Command command)
    {
        foreach (var option in command.Options)
        {
            ReadStrictly(option);
        }

        foreach (var argument in command.Arguments)
        {
            argument.Validators.Add(result => RefuseNothing(result, argument.Name, result.Tokens));
        }

        foreach (var verb in command.Subcommands)
        {
            verb.ReadStrictly();
        }

        return command;
    }

    /// <summary>One of an enum's names, in any case, and never its number.</summary>
    public static Option<T> AcceptOnlyNames<T>(this Option<T> option)
        where T : struct, Enum
    {
        option.CustomParser = result =>
        {
            var names = Enum.GetNames<T>();
            var name = names.FirstOrDefault(name => name.Equals(result.Tokens[0].Value, StringComparison.OrdinalIgnoreCase));
            if (name is null)
            {
                result.AddError(
                    $"{option.Name}: expected {string.Join(", ", names).ToLowerInvariant()}, got '{result.Tokens[0].Value}'");
                return default;
            }

            return Enum.Parse<T>(name);
        };
        return option.Completed(Enum.GetNames<T>().Select(name => name.ToLowerInvariant()));
    }

    private static void ReadStrictly(Option option)
    {
        switch (option)
        {
            case Option<int> { CustomParser: null } number:
                number.CustomParser = result => Number<int>(result);
                break;
            case Option<int?> { CustomParser: null } number:
                number.CustomParser = result => Number<int>(result);
                break;
            case Option<long> { CustomParser: null } number:
                number.CustomParser = result => Number<long>(result);
                break;
            case Option<ulong> { CustomParser: null } number:
                number.CustomParser = result => Number<ulong>(result);
                break;
            case Option<double> { CustomParser: null } number:
                number.CustomParser = result => Number<double>(result);
                break;
            case Option<double?> { CustomParser: null } number:
                number.CustomParser = result => Number<double>(result);
                break;
            case Option<double[]> { CustomParser: null } numbers:
                numbers.CustomParser = result => [.. result.Tokens.Select(token => Number<double>(result, token.Value))];
                break;
            case { HelpName: PromptArguments.Text }:
                break; // a BOS alone is a prompt
            default:
                option.Validators.Add(result => RefuseNothing(result, option.Name, result.Tokens));
                break;
        }
    }

    private static T Number<T>(ArgumentResult result, T? least = null, T? most = null)
        where T : struct, INumber<T> => Number(result, result.Tokens[0].Value, least, most);

    private static T Number<T>(ArgumentResult result, string text, T? least = null, T? most = null)
        where T : struct, INumber<T>
    {
        var name = (result.Parent as OptionResult)?.Option.Name;
        var whole = T.IsInteger(T.One / (T.One + T.One));
        var style = NumberStyles.AllowLeadingSign | (whole ? NumberStyles.None : NumberStyles.AllowDecimalPoint);
        if (!T.TryParse(text, style, CultureInfo.InvariantCulture, out var value) || !T.IsFinite(value))
        {
            result.AddError($"{name}: expected {(whole ? "a whole number" : "a number such as 0.7")}, got '{text}'");
        }
        else if (value < least || value > most)
        {
            result.AddError($"{name}: expected {(most is null ? $"at least {least}" : $"{least} to {most}")}, got {value}");
        }
        else
        {
            return value;
        }

        return default;
    }

    private static void RefuseNothing(SymbolResult result, string name, IEnumerable<Token> values)
    {
        if (values.Any(value => value.Value.Length == 0))
        {
            result.AddError($"{name}: expected a value, got ''");
        }
    }
}
